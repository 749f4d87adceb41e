"""The pages of docs/reference, each made by a module of its name from the code it describes."""
