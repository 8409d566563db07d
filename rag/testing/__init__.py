"""For the tests of programs built on this one."""
