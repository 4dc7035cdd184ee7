"""`lamina reencode`: a file of another encoder becomes one that the shipped model searches."""

from pathlib import Path
from typing import Any

from lamina.memory import Memory
from lamina.testing.fakes import HashEncoder


def test_a_file_of_another_encoder_is_searched_by_the_shipped_one(lamina: Any, answer: Any, tmp_path: Path) -> None:
    with Memory(tmp_path / "life.db", encoder=HashEncoder()) as memory:
        memory.add(["Ada keeps bees on the roof.", "The dentist moved her to Thursday."])
        memory.flush()
    refused = lamina("search", "life.db", "honey", code=3)
    assert "hash" in refused.stderr
    done = answer("reencode", "life.db", "--to", "minilm")
    assert (done["texts"], done["dropped"], done["former"]["name"]) == (2, 2, "hash")
    hits = answer("search", "life.db", "Who has honey on top of the house?")["hits"]
    assert hits[0]["record"]["text"] == "Ada keeps bees on the roof."
    assert "sound" in lamina("verify", "life.db").stdout
    assert lamina("reencode", "life.db").stdout.startswith("nothing to do: ")


def test_an_unknown_encoder_is_named_with_those_that_there_are(lamina: Any) -> None:
    lamina("add", "life.db", "Ada keeps bees")
    assert "minilm" in lamina("reencode", "life.db", "--to", "no-such", code=2).stderr
