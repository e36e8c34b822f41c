import { CaptchaDue, type Count } from "./channel.ts";

/**
 * Takes what is counted in several places, together, and then does the work. Promise: where one of them refuses, or the work
 * fails, those that were taken are given back before the error is thrown: a captcha is asked for only where nothing else
 * refuses, or it would be answered for nothing (guard: counts.test.ts).
 */
export async function takeAll(counts: readonly Count[], work: () => Promise<void>): Promise<void> {
  const outcomes = await Promise.allSettled(counts.map((count) => count.take()));
  const giveBack = () =>
    Promise.all(outcomes.map(({ status }, i) => status === "fulfilled" && counts[i]!.giveBack()));
  const errors = outcomes.flatMap((one) => (one.status === "rejected" ? [one.reason as unknown] : []));
  if (errors.length > 0) {
    await giveBack();
    throw errors.find((error) => !(error instanceof CaptchaDue)) ?? errors[0];
  }
  try {
    await work();
  } catch (error) {
    await giveBack();
    throw error;
  }
}
