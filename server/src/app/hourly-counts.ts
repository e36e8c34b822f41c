import type { MailRecord } from "../engines/mail/mail-record.ts";
import type { Events } from "../events/events.ts";
import { createHourlyCounts, type HourlyCounts } from "../observability/hourly-counts.ts";
import type { Refusals } from "../sign-in/refusals.ts";

interface Parts extends Omit<Parameters<typeof createHourlyCounts>[0], "counters"> {
  readonly events: Pick<Events, "stats">;
  readonly mails: Pick<MailRecord, "stats">;
  readonly refusals: Pick<Refusals, "stats">;
  readonly logIns: () => { readonly byWay: Readonly<Record<string, number>>; readonly unknown: number };
}

const named = (kind: string, counts: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(counts).map(([name, count]) => [`${kind}:${name}`, count]));

/** What the overview shows by the hour, from what the rooms count anyway. */
export function openHourlyCounts({ events, mails, refusals, logIns, ...deps }: Parts): HourlyCounts {
  return createHourlyCounts({
    ...deps,
    counters() {
      const { byWay, unknown } = logIns();
      return {
        ...named("event", events.stats()),
        ...named("log_in", byWay),
        ...named("refused", { ...refusals.stats(), unknown_name: unknown }),
        ...mails.stats(),
      };
    },
  });
}
