"""The command line `lamina`. The file comes first; `--json` everywhere; what is loaded is what the command needs."""
