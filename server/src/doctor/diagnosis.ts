/** One line of the doctor's: what was looked at, how it is, and what to do, in both languages. */
export interface Diagnosis {
  /** Stable, for scripts. */
  readonly check: string;
  /** `fail`: something people do will not work. `warn`: it works, but not safely or not for long. */
  readonly level: "ok" | "warn" | "fail";
  readonly zh: string;
  readonly en: string;
}

type Level = Diagnosis["level"];

const at =
  (level: Level) =>
  (check: string, zh: string, en: string): Diagnosis => ({ check, level, zh, en });

export const ok = at("ok");
export const warn = at("warn");
export const fail = at("fail");
