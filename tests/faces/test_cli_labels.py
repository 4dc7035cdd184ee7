"""Labels on the command line: put on, asked for, lifted, granted."""


def test_labels_are_put_on_asked_for_and_lifted(lamina, answer, tmp_path) -> None:
    (stored,) = answer("add", "life.db", "the pay is ninety thousand", "--label", "private")["stored"]
    assert stored["policy"]["sensitivity"] == "private"
    assert "label as private" in lamina("label", "life.db", "private", "--where", "session=garage").stdout
    answer("add", "life.db", "the brakes are new", "--session", "garage")
    (tmp_path / "chat.json").write_text('[{"content": "imported"}]')
    lamina("import", "life.db", "chat.json", "--label", "secret")
    labels = {record["text"]: record["policy"]["sensitivity"] for record in answer("show", "life.db")["records"]}
    assert labels == {"the pay is ninety thousand": "private", "the brakes are new": "private", "imported": "secret"}
    found = answer("search", "life.db", "pay", "--where", "sensitivity=secret")["hits"]
    assert [hit["record"]["text"] for hit in found] == ["imported"]
    answer("update", "life.db", stored["id"], "--label", "")
    assert answer("show", "life.db", stored["id"])["policy"]["sensitivity"] is None
    assert "--label" in lamina("add", "life.db", "x", "--label", "*", code=2).stderr


def test_redaction_is_set_and_grants_name_labels(lamina, answer) -> None:
    answer("add", "life.db", "lunch was good")
    assert "mask what is not to be seen" in lamina("redaction", "life.db", "mask").stdout
    assert [one["policy"] for one in answer("policies", "life.db")] == [{"action": "mask"}]
    assert "mask secrets that are read" in lamina("secret-mask", "life.db").stdout
    given = answer("grant", "life.db", "hr", "--sees", "private", "--sees", "pay")
    assert given["sees"] == ["private", "pay"]
    assert "private pay" in lamina("grants", "life.db").stdout
    assert "--sees" in lamina("grant", "life.db", "x", "--role", "administrator", "--sees", "a", code=2).stderr
    assert lamina("redaction", "life.db", "shred", code=2).stderr
