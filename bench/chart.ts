import type { Report } from "./figures.ts";

/** The chart of a run as SVG: server CPU per request, ours beside its floor. */
const shown = [
  ["hello", "Fastify hello"],
  ["count", "user-name count"],
  ["email-count", "e-mail count"],
  ["user", "/user/ with a token"],
  ["user-fresh", "/user/, token unseen"],
  ["code", "code request"],
] as const;
const [width, rowHeight, labelWidth, top] = [760, 46, 190, 64];

export function chartOf(result: Report): string {
  const cpuOf = (id: string | undefined) => {
    const values = result.rows
      .find((row) => row.id === id)
      ?.samples.flatMap(({ cpuMicros }) => (cpuMicros === null ? [] : [cpuMicros]))
      .sort((a, b) => a - b);
    return values?.[values.length >> 1] ?? null;
  };
  const bars = shown.flatMap(([id, label]) => {
    const own = cpuOf(id);
    const floor = cpuOf(result.rows.find((row) => row.id === id)?.floor);
    if (own === null) return [];
    // Fastify alone is a floor of everything and has none itself.
    return [id === "hello" ? { label, own: null, floor: own } : { label, own, floor }];
  });
  const largest = Math.max(...bars.map(({ own, floor }) => Math.max(own ?? 0, floor ?? 0)), 1);
  const scale = (value: number) => Math.round((value / largest) * (width - labelWidth - 90));
  const growth = (result.growth?.rows ?? []).map(({ label, cpuMicros }) => {
    const [small, large] = result.growth?.sizes ?? [0, 0];
    const middle = (values: readonly number[] = []) =>
      [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
    return { label, own: middle(cpuMicros[large]), floor: middle(cpuMicros[small]), sizes: [small, large] };
  });
  const engine = result.options.engine === "sqlite" ? "SQLite" : "PostgreSQL and Redis";
  const growthTop = top + bars.length * rowHeight + 56;
  const height = growth.length > 0 ? growthTop + growth.length * rowHeight + 16 : growthTop - 40;
  const growthLargest = Math.max(...growth.map(({ own, floor }) => Math.max(own, floor)), 1);
  const growthScale = (value: number) => Math.round((value / growthLargest) * (width - labelWidth - 90));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Server CPU per request on ${engine}">
<style>
text{font:13px system-ui,sans-serif;fill:#3a404a}.title{font-size:16px;font-weight:600;fill:#1d2129}.own{fill:#c8161d}.floor{fill:#b9bfc9}
@media (prefers-color-scheme:dark){text{fill:#b9bfc9}.title{fill:#eceef2}.floor{fill:#5b6370}.own{fill:#ff6b6b}}
</style>
<text class="title" x="16" y="26">Server CPU per request, µs: ${engine}</text>
<rect class="own" x="16" y="38" width="12" height="12" rx="2"/><text x="34" y="48">Meiduo Accounts</text>
<rect class="floor" x="160" y="38" width="12" height="12" rx="2"/><text x="178" y="48">the least that could answer (floor)</text>
${bars.map((bar, i) => row(bar, top + i * rowHeight, scale)).join("\n")}
${
  growth.length > 0
    ? `<text class="title" x="16" y="${growthTop - 18}">Growth: ${growth[0]?.sizes[1]?.toLocaleString("en")} accounts (red) and ${growth[0]?.sizes[0]?.toLocaleString("en")} (grey)</text>
${growth.map((bar, i) => row(bar, growthTop + i * rowHeight, growthScale)).join("\n")}`
    : ""
}
</svg>
`;
}

function row(
  { label, own, floor }: { label: string; own: number | null; floor: number | null },
  y: number,
  scale: (value: number) => number,
): string {
  const bar = (name: string, value: number, at: number) =>
    `<rect class="${name}" x="${labelWidth}" y="${at}" width="${scale(value)}" height="14" rx="3"/><text x="${labelWidth + scale(value) + 6}" y="${at + 12}">${value.toFixed(0)}</text>`;
  return `<text x="16" y="${y + 20}">${label}</text>${own === null ? "" : bar("own", own, y + 2)}${floor === null ? "" : bar("floor", floor, own === null ? y + 10 : y + 19)}`;
}
