"""Pages of the console: a GET reads, a POST calls one command of an app below."""
