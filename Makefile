# むすびの命令。どれも足りないものを自分で入れてから動く。
.DEFAULT_GOAL := help
.PHONY: help demo alone dev test pages race faults fuzz fuzz-api torture load soak year archive-questions check fix bench bench-archive bench-morning bench-restore bench-enumeration lock screenshots clean

PORT ?= 8000
PYTHON := .venv/bin/python
BIN := .venv/bin
# 検査はデータベースにつながず、動いている部品にも触れない。
OFFLINE := SECRET_KEY=check DATABASE_URL=postgres://offline@127.0.0.1:1/offline

help: ## この一覧
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /make \1\t/' | expand -t 20

demo: ## すべてを起動し、一件を演じ、http://localhost:8000 で使えるようにする（ONCE=1 で演じて終了、PORT=8001 で番号を変える）
	@scripts/bootstrap
	@$(PYTHON) manage.py demo $(if $(ONCE),--once) --port $(PORT)

alone: ## 見本の一件を、外のない網の中で演じ、外へ出ようとしたものがないことを数える（root で。PORT も使える）
	@scripts/alone

dev: ## 開発用に、画面・worker・部品のすべてを動かす
	@scripts/bootstrap
	@$(PYTHON) manage.py dev --port $(PORT)

test: ## 試験のすべて（ブラウザの旅を含む）
	@scripts/bootstrap --tests
	@$(BIN)/pytest -n 2 --dist loadscope $(ARGS)

pages: ## すべての画面を、すべての役割と様子、二つの幅と配色で見る（COPIES=1500 は行を写す数）
	@scripts/bootstrap --tests
	@PAGES=1 PAGES_KEEP=1 PAGES_COPIES=$(or $(COPIES),1500) $(BIN)/pytest tests/pages -p no:randomly -n 0 $(ARGS)

race: ## 競り合う操作を二つのプロセスで走らせ、勝敗と食い違いの表を出す（ROUNDS=200 が既定）
	@scripts/bootstrap --tests
	@ROUNDS=$(or $(ROUNDS),200) $(BIN)/pytest tests/race -p no:randomly $(ARGS)

faults: ## worker を至る所で殺しながら封印し、残ったものを数える（JOBS=1000、SEED=1 が既定）
	@scripts/bootstrap --tests
	@JOBS=$(or $(JOBS),1000) SEED=$(or $(SEED),1) $(BIN)/pytest tests/faults -p no:randomly $(ARGS)

fuzz: ## 壊した PDF を、受け取る門に製品と同じく持ち込み、受け取ったものは封印して確かめる（COUNT=2000、SEED=1 が既定）
	@scripts/bootstrap --tests
	@COUNT=$(or $(COUNT),2000) SEED=$(or $(SEED),1) $(BIN)/pytest tests/signing/test_fuzz.py -k asked_for -n 0 -p no:randomly $(ARGS)

fuzz-api: ## API の求めを、その説明（OpenAPI）から組み、正しいものも壊したものも送って、答えが説明のとおりかを確かめる（COUNT=300 は、口一つあたりの数）
	@scripts/bootstrap --tests
	@API_EXAMPLES=$(or $(COUNT),300) $(BIN)/pytest tests/contracts/api/test_schemathesis.py -n 0 -p no:randomly $(ARGS)

torture: ## 契約を、worker・web・Redis・PostgreSQL・TSA・SMTP・S3・ディスクの障害の中で飛ばし、残ったものを確かめる（CONTRACTS=1000、SEED=1 が既定）
	@scripts/bootstrap --tests
	@CONTRACTS=$(or $(CONTRACTS),1000) SEED=$(or $(SEED),1) $(BIN)/pytest tests/torture -n 0 -p no:randomly $(ARGS)

year: ## 一年分の朝を、千件の案件と四つの市で演じ、届いたお知らせを定めの表と突き合わせる（CASES=1000 が既定）
	@scripts/bootstrap --tests
	@CASES=$(or $(CASES),1000) $(BIN)/pytest tests/notifications/year -p no:randomly -s $(ARGS)

archive-questions: ## 書庫に一万の問いを、索引と全件の両方で尋ねて比べる（ROWS=30000、QUESTIONS=10000 が既定）
	@scripts/bootstrap --tests
	@ARCHIVE_ROWS=$(or $(ROWS),30000) ARCHIVE_QUESTIONS=$(or $(QUESTIONS),10000) \
		$(BIN)/pytest tests/contracts/archive/test_at_scale.py -p no:randomly -n 0 $(ARGS)

check: ## 書式、型、依存の向き、移行、テンプレート、compose の検査
	@scripts/bootstrap --tests
	$(BIN)/ruff check
	$(BIN)/ruff format --check --quiet
	$(OFFLINE) $(BIN)/mypy .
	$(OFFLINE) $(BIN)/lint-imports
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive accounts audit config contracts guarantees notifications outgoing signing vault
	$(BIN)/djlint --lint --check templates
	$(OFFLINE) $(PYTHON) -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	$(OFFLINE) $(PYTHON) manage.py check
	$(OFFLINE) $(PYTHON) scripts/check_migrations.py
	$(BIN)/yamllint --strict docker-compose.yml deploy
	$(PYTHON) scripts/check_compose.py

fix: ## 自動で直せるものを直す
	@scripts/bootstrap
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	-$(BIN)/djlint --reformat --quiet templates

bench: ## 速さを測り、表を出して var/bench/ に残す（ROUNDS=5 は巡る回数、CONTRACTS=40 は端から端までの契約の数、書庫は百万件）
	@scripts/bootstrap
	@ROUNDS=$(or $(ROUNDS),5) $(PYTHON) -m benchmarks
	@$(PYTHON) -m benchmarks.end_to_end $(or $(CONTRACTS),40)
	@$(PYTHON) -m benchmarks.archive

bench-archive: ## 書庫の検索を 1,788 団体・1,000 万件で測る（十数分、ディスク 30 GB。止めても続きから。ROWS で件数を変える）
	@scripts/bootstrap
	@$(PYTHON) -m benchmarks.archive $(or $(ROWS),10000000)

bench-morning: ## 八時半に開く画面を、手続き中の案件 2,000 件と 10,000 件の市で測る（CASES="500 2000" で変えられる）
	@scripts/bootstrap
	@$(PYTHON) -m benchmarks.morning $(CASES)

bench-restore: ## 締結した契約のある市を失い、バックアップから戻して、控えと元に戻るまでの時間を測る（CONTRACTS=100、PAPERS=4900）
	@scripts/bootstrap
	@$(PYTHON) -m benchmarks.restore $(or $(CONTRACTS),100) $(or $(PAPERS),4900)

bench-enumeration: ## サインインと再設定の頁が、登録のあるアドレスとないアドレスに、同じ時間で答えるかを測る（ADDRESSES=200）
	@scripts/bootstrap --tests
	@$(PYTHON) -m benchmarks.enumeration $(or $(ADDRESSES),200)

load: ## 年度末の朝の、職員と受注者の往来を受けられるだけ受け、毎秒の件数と p50・p95・p99 を測る（CITIES=300、MINUTES=5 が既定。静かな機械で一時間ほど）
	@scripts/bootstrap --tests
	@$(PYTHON) -m benchmarks.load $(or $(CITIES),300) $(or $(MINUTES),5)

soak: ## その半分の往来を受け続け、メモリー・接続・ファイルが増え続けないかを見る（MINUTES=60 が既定。RATE で毎秒の件数を変える）
	@scripts/bootstrap --tests
	@$(PYTHON) -m benchmarks.load.soak $(or $(MINUTES),60) $(RATE)

lock: ## 依存の版を選び直す
	@scripts/bootstrap
	@scripts/lock

screenshots: ## すべての画面と様子を、明暗と二つの幅で撮り（長い名、空、行の多いときも）、README の画面を撮り直す（COPIES=1500。LOOK=usual、ONLY=token（画面の名）だけも可）
	@scripts/bootstrap --tests
	@$(if $(ONLY),,$(PYTHON) scripts/screenshots.py)
	@PICTURES=var/screenshots PICTURES_ONLY='$(ONLY)' PAGES_COPIES=$(or $(COPIES),1500) \
		$(BIN)/pytest tests/pages/test_pictures.py -p no:randomly -n 0 $(if $(LOOK),-k $(LOOK)) $(ARGS)

clean: ## 手元のデータ（var/）と検査の控えをすべて消す
	@mkdir -p var/embedded
	@flock --nonblock --conflict-exit-code 9 var/embedded/lock rm -rf var || { echo "make demo か make dev が動いています。止めてからにしてください。"; exit 1; }
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage
