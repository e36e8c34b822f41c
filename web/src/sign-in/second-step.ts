/**
 * A log-in that waits, which the API refused as `second_factor_required`, as `second_factor_enrolment_required` where the account
 * must set one up, or as `deletion_pending` where it is going to be deleted: kept for this tab, until it is finished or its ten minutes are over. The step opens nothing
 * without a code.
 */
import { ApiError } from "@meiduo/client";
import type { Router } from "vue-router";
import { readJson, removeItem, writeItem } from "../browser-storage.ts";

export interface SecondStep {
  readonly step: string;
  /** Whether a second factor is to be set up: the account must have one. */
  readonly enrols: boolean;
  /** From when on the account is erased, where its deletion waits; else null. */
  readonly erasedAt: string | null;
  /** Where the log-in leads. Not checked: read it with `safeNextPath`. */
  readonly next: string;
  readonly remember: boolean;
  /** What it takes, as the API said it. */
  readonly methods: readonly string[];
  /** For how many days this device may be remembered; 0 where it may not. */
  readonly rememberDays: number;
}

const storageKey = "meiduo.second-step";

const pages: ReadonlyMap<string, string> = new Map([
  ["second_factor_required", "/second-factor"],
  ["second_factor_enrolment_required", "/second-factor/setup"],
  ["deletion_pending", "/keep-account"],
]);

/** Shows the page for what the log-in waits for where that is what the failure asks for; throws any other on. */
export async function goToSecondStep(
  router: Router,
  failure: unknown,
  { next, remember }: Pick<SecondStep, "next" | "remember">,
): Promise<void> {
  if (!(failure instanceof ApiError) || failure.step === undefined) throw failure;
  const { code, step, methods, rememberDays = 0, erasedAt = null } = failure;
  const page = pages.get(code);
  if (page === undefined) throw failure;
  const enrols = code === "second_factor_enrolment_required";
  const waiting: SecondStep = { step, enrols, erasedAt, next, remember, methods, rememberDays };
  writeItem("session", storageKey, JSON.stringify(waiting));
  await router.push(page);
}

/** The log-in that waits in this tab, or null. */
export function keptSecondStep(): SecondStep | null {
  const kept = readJson("session", storageKey) as Partial<SecondStep> | null;
  if (typeof kept?.step !== "string") return null;
  return {
    step: kept.step,
    enrols: kept.enrols === true,
    erasedAt: typeof kept.erasedAt === "string" ? kept.erasedAt : null,
    next: typeof kept.next === "string" ? kept.next : "/",
    remember: kept.remember === true,
    methods: Array.isArray(kept.methods) ? kept.methods.map(String) : [],
    rememberDays: typeof kept.rememberDays === "number" ? kept.rememberDays : 0,
  };
}

export function forgetSecondStep(): void {
  removeItem("session", storageKey);
}
