import { accountLimits } from "./account-limits.ts";
import { codeLimits } from "./code-limits.ts";
import type { Limit, LimitWaits } from "./limit.ts";
import { logInLimits } from "./log-in-limits.ts";

/**
 * Every limit of the product, in one table of three parts (code-limits.ts, log-in-limits.ts, account-limits.ts): what is counted,
 * of whom, how many, within what time, and what happens beyond it. The rooms that count read it, and docs/limits.md is made of
 * it. Promise: nothing is counted that isn't named here (guard: limit-table.test.ts; why one table: docs/adr/0020).
 */
export const limits = { ...codeLimits, ...logInLimits, ...accountLimits } as const;
export type LimitName = keyof typeof limits;

type Named<Shape> = { [Name in LimitName]: (typeof limits)[Name] extends Shape ? Name : never }[LimitName];
/** What is counted within a window. */
export type WindowName = Named<{ readonly windowSeconds: number }>;
/** Limits that have another one of the day beside them. */
export type GuessName = {
  [Name in WindowName]: `${Name}-day` extends WindowName ? Name : never;
}[WindowName];
/** Without `-waits`. */
export type WaitName = Named<{ readonly waits: LimitWaits }> extends `${infer Name}-waits` ? Name : never;

/** The rule of a limit; `limit` as the setting has it, 0 = unlimited. */
export const limitRule = <Name extends WindowName>(name: Name, limit: number) => ({
  ...{ name, limit },
  windowSeconds: limits[name].windowSeconds as number,
});

/** The rule of waits; `longestSeconds` where the table leaves it to a setting. */
export function waitRule(name: WaitName, longestSeconds = 0) {
  const { waits }: Limit = limits[`${name}-waits`];
  const { first, longest = longestSeconds, forget } = waits!;
  return { name, firstSeconds: first, longestSeconds: longest, forgetSeconds: longest + forget };
}
