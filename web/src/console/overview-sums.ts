/** What the overview shows, of hours in which something happened. Days are the reader's own, so that today is theirs. */
export interface Hour {
  readonly from: string;
  readonly counts: Readonly<Record<string, number>>;
}

export interface Sums {
  readonly signUps: number;
  readonly logIns: number;
  readonly refused: number;
  readonly mails: number;
  readonly mailsRefused: number;
  readonly sms: number;
  readonly smsRefused: number;
}

function total(hours: readonly Hour[], isWanted: (name: string) => boolean): number {
  let sum = 0;
  for (const { counts } of hours)
    for (const [name, count] of Object.entries(counts)) if (isWanted(name)) sum += count;
  return sum;
}

export function sumsOf(hours: readonly Hour[]): Sums {
  const of = (...names: readonly string[]) => total(hours, (name) => names.includes(name));
  const begun = (start: string) => total(hours, (name) => name.startsWith(start));
  return {
    signUps: of("event:user.created"),
    logIns: begun("log_in:"),
    refused: begun("refused:"),
    mails: of("mail:accepted"),
    mailsRefused: of("mail:refused"),
    sms: of("sms:accepted"),
    smsRefused: of("sms:refused"),
  };
}

/** By what comes after the kind, the most first: `refused:` gives `wrong_password`. */
export function byName(hours: readonly Hour[], kind: string): (readonly [name: string, count: number])[] {
  const sums = new Map<string, number>();
  for (const { counts } of hours) {
    for (const [name, count] of Object.entries(counts)) {
      if (!name.startsWith(kind)) continue;
      const own = name.slice(kind.length);
      sums.set(own, (sums.get(own) ?? 0) + count);
    }
  }
  return [...sums].sort(([, one], [, other]) => other - one);
}

/** The last `count` days up to `now`, the latest first, those without anything among them. */
export function byDay(
  hours: readonly Hour[],
  now: Date,
  count: number,
): { readonly day: Date; readonly sums: Sums }[] {
  const dayOf = (time: Date) => new Date(time.getFullYear(), time.getMonth(), time.getDate());
  const own = new Map<number, Hour[]>();
  for (const hour of hours) {
    const day = dayOf(new Date(hour.from)).getTime();
    own.set(day, [...(own.get(day) ?? []), hour]);
  }
  return Array.from({ length: count }, (_, i) => {
    const day = new Date(now.getFullYear(), now.getMonth(), now.getDate() - i);
    return { day, sums: sumsOf(own.get(day.getTime()) ?? []) };
  });
}
