"""The eval set of known answers and the runner that proves them: `python -m eval`. Import as `from eval.x import …`."""
