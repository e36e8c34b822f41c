import { readFileSync } from "node:fs";
import { join } from "node:path";
import { changesAccount, eventFacts, eventNames, isAskedFor } from "../server/src/events/event-names.ts";
import { replaceRegion } from "./replace-region.ts";

/** The table of events in docs/webhooks.md and its Chinese sister, from the one list of them. */
const documents = { "docs/webhooks.md": "en", "docs/webhooks.zh.md": "zh" } as const;
const asked = { en: "*asked for* · ", zh: "*需指定* · " } as const;
const head = { en: "| event | when | `version` |", zh: "| 事件 | 含义 | `version` |" } as const;

export function webhookDocuments(root: string): Map<string, string> {
  return new Map(
    Object.entries(documents).map(([path, language]) => {
      const rows = eventNames.map(
        (name) =>
          `| \`${name}\` | ${isAskedFor(name) ? asked[language] : ""}${eventFacts[name][language]} | ${changesAccount(name) ? "✓" : ""} |`,
      );
      const present = readFileSync(join(root, path), "utf8");
      return [
        path,
        replaceRegion(path, present, "events", [head[language], "| --- | --- | --- |", ...rows].join("\n")),
      ];
    }),
  );
}
