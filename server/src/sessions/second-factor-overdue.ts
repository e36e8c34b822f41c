import { AppError } from "../errors/errors.ts";

/** A session that is open although its account must have a second factor by now: it ends, and a log-in sets one up. */
export function secondFactorOverdue(): AppError {
  return new AppError("second_factor_overdue", { answer: { code: "second_factor_enrolment_required" } });
}
