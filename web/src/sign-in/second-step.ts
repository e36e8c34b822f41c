/**
 * A log-in between its two factors, which the API refused as `second_factor_required`, or as `second_factor_enrolment_required`
 * where the account must set one up: kept for this tab, until it is finished or its ten minutes are over. The step opens nothing
 * without a code.
 */
import { ApiError } from "@meiduo/client";
import type { Router } from "vue-router";
import { readJson, removeItem, writeItem } from "../browser-storage.ts";

export interface SecondStep {
  readonly step: string;
  /** Whether a second factor is to be set up: the account must have one. */
  readonly enrols: boolean;
  /** Where the log-in leads. Not checked: read it with `safeNextPath`. */
  readonly next: string;
  readonly remember: boolean;
  /** What it takes, as the API said it. */
  readonly methods: readonly string[];
  /** For how many days this device may be remembered; 0 where it may not. */
  readonly rememberDays: number;
}

const storageKey = "meiduo.second-step";

/** Shows the page for the second factor where that is what the failure asks for; throws any other on. */
export async function goToSecondStep(
  router: Router,
  failure: unknown,
  { next, remember }: Pick<SecondStep, "next" | "remember">,
): Promise<void> {
  if (!(failure instanceof ApiError) || failure.step === undefined) throw failure;
  const { code, step, methods, rememberDays = 0 } = failure;
  const enrols = code === "second_factor_enrolment_required";
  if (!enrols && code !== "second_factor_required") throw failure;
  const waiting: SecondStep = { step, enrols, next, remember, methods, rememberDays };
  writeItem("session", storageKey, JSON.stringify(waiting));
  await router.push(enrols ? "/second-factor/setup" : "/second-factor");
}

/** The log-in that waits in this tab, or null. */
export function keptSecondStep(): SecondStep | null {
  const kept = readJson("session", storageKey) as Partial<SecondStep> | null;
  if (typeof kept?.step !== "string") return null;
  return {
    step: kept.step,
    enrols: kept.enrols === true,
    next: typeof kept.next === "string" ? kept.next : "/",
    remember: kept.remember === true,
    methods: Array.isArray(kept.methods) ? kept.methods.map(String) : [],
    rememberDays: typeof kept.rememberDays === "number" ? kept.rememberDays : 0,
  };
}

export function forgetSecondStep(): void {
  removeItem("session", storageKey);
}
