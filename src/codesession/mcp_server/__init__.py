"""
The MCP server: sessions, costs and budgets as tools that an agent calls.

    answers    what each tool answers, typed: the output schemas are made from it
    reading    app -> answer, for what changes nothing
    writing    app -> answer, for what does
    server     names, descriptions, input schemas, annotations; resources; the prompt
    running    the process: stdio

No path that a client names is read. A directory only says which git root (or directory) a session belongs to.
"""
