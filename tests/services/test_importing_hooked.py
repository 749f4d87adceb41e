"""The transcripts a hook points at."""

from __future__ import annotations

from pathlib import Path

from codesession.services.importing.hooked import transcripts


def test_a_transcript_brings_its_sub_agents(tmp_path: Path) -> None:
    """New versions write them below a folder of its name, older ones beside it."""
    main = tmp_path / "s1.jsonl"
    below = tmp_path / "s1" / "subagents" / "workflows" / "agent-1.jsonl"
    beside = tmp_path / "agent-2.jsonl"
    below.parent.mkdir(parents=True)
    for path in (main, below, beside, tmp_path / "s2.jsonl"):
        path.touch()
    assert transcripts({"transcript_path": str(main)}) == [main, below, beside]
    assert transcripts({"transcript_path": str(main), "agent_transcript_path": str(below)}) == [main, below, beside]


def test_a_hook_may_say_anything(tmp_path: Path) -> None:
    """Nothing, something else, a file that is gone."""
    for hook in ({}, {"transcript_path": 7}, {"transcript_path": ""}, {"transcript_path": str(tmp_path / "gone")}):
        assert transcripts(hook) == []
