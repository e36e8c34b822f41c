import { median } from "../figures.ts";
import { floor, ours, type PeerRow, type PeersResult, peerRows } from "./peer.ts";

/** A run as SVG: server CPU per request of each, bars as long as it is many. */
const [width, barHeight, labelWidth, top] = [760, 19, 190, 76];
/** A log-in is its hash, which is another one at each of them: beside it the others would be lines. */
const shown: readonly PeerRow[] = ["count", "user", "code"];

export function chartOfPeers({ engine, rows, peers }: PeersResult): string {
  const names = [ours, ...peers.map(({ name }) => name), floor];
  const groups = shown.flatMap((row) => {
    const samples = rows.get(row);
    if (samples === undefined) return [];
    const bars = names.flatMap((name) => {
      const values = (samples.get(name) ?? []).flatMap(({ cpuMicros }) => cpuMicros ?? []);
      return values.length === 0 ? [] : [{ name, value: median(values) }];
    });
    return [{ label: peerRows[row], bars }];
  });
  const largest = Math.max(1, ...groups.flatMap(({ bars }) => bars.map(({ value }) => value)));
  const lengthOf = (value: number) => Math.max(1, Math.round((value / largest) * (width - labelWidth - 80)));
  let y = top;
  const drawn = groups.map(({ label, bars }) => {
    const text = `<text x="16" y="${y + 13}">${label}</text>`;
    const lines = bars.map(({ name, value }) => {
      const length = lengthOf(value);
      const bar = `<rect class="${classOf(names, name)}" x="${labelWidth}" y="${y}" width="${length}" height="14" rx="3"/><text x="${labelWidth + length + 6}" y="${y + 12}">${value.toFixed(0)}</text>`;
      y += barHeight;
      return bar;
    });
    y += 14;
    return [text, ...lines].join("\n");
  });
  const legend = names.map((name, i) => {
    const x = 16 + i * 180;
    return `<rect class="${classOf(names, name)}" x="${x}" y="44" width="12" height="12" rx="2"/><text x="${x + 18}" y="54">${name}</text>`;
  });
  const title = `Server CPU per request, µs: ${engine === "sqlite" ? "SQLite" : "PostgreSQL"}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" width="${width}" height="${y}" role="img" aria-label="${title}, beside others">
<style>
text{font:13px system-ui,sans-serif;fill:#3a404a}.title{font-size:16px;font-weight:600;fill:#1d2129}.own{fill:#c8161d}.floor{fill:#b9bfc9}.peer1{fill:#2f6fb5}.peer2{fill:#2f8f5b}
@media (prefers-color-scheme:dark){text{fill:#b9bfc9}.title{fill:#eceef2}.floor{fill:#5b6370}.own{fill:#ff6b6b}.peer1{fill:#7fb2ea}.peer2{fill:#74c79b}}
</style>
<text class="title" x="16" y="26">${title}</text>
${legend.join("\n")}
${drawn.join("\n")}
</svg>
`;
}

const classOf = (names: readonly string[], name: string) =>
  name === ours ? "own" : name === floor ? "floor" : `peer${names.indexOf(name)}`;
