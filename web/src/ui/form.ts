/**
 * The behaviour every form shares: errors appear when a field is left and go once it is corrected, the server's
 * errors land at their field, one submit at a time, the first wrong field gets the focus, slow answers say so.
 */
import { ApiError } from "@meiduo/client";
import { nextTick, onScopeDispose, reactive, ref, useTemplateRef } from "vue";
import { describeFailure, type Failure } from "./failure-text.ts";

/** Returns the key of a text, or null where the value is fine. */
export type Check<Values> = (values: Values) => string | null;

/** What is shown under a field: a text of ours by key (follows a switch of language), or the server's words. */
export type FieldTrouble = { readonly key: string } | { readonly words: string };

export interface FormOptions<Values extends Record<string, unknown>> {
  readonly values: Values;
  readonly checks: Partial<Record<keyof Values & string, Check<Values>>>;
  readonly submit: (values: Values) => Promise<void>;
  /** Names of the wire that differ from the form's, for example `{ email_code: "code" }`. */
  readonly wireNames?: Readonly<Record<string, keyof Values & string>>;
}

/** What a group of fields needs of the form it is in. */
export interface FormOfFields<Values> {
  readonly values: Values;
  readonly troubles: Partial<Record<string, FieldTrouble>>;
  leave(name: keyof Values & string): void;
  change(name: keyof Values & string): void;
  sendCode(
    sending: { send(): Promise<void> },
    addressName: keyof Values & string,
    codeName: keyof Values & string,
  ): Promise<void>;
}

/** A person takes a shorter wait for instant; a spinner that flashes only disturbs. */
export const spinnerAfterMs = 300;
const sayItIsSlowAfterMs = 4_000;

export function useForm<Values extends Record<string, unknown>>(options: FormOptions<Values>) {
  type Name = keyof Values & string;
  const values = reactive({ ...options.values }) as Values;
  const troubles = reactive<Partial<Record<string, FieldTrouble>>>({});
  const left = new Set<string>();
  const failure = ref<Failure | null>(null);
  const busy = ref(false);
  const waiting = ref(false);
  const slow = ref(false);
  /** The form itself: `<form ref="fields">` in the template. */
  const element = useTemplateRef<HTMLFormElement>("fields");
  let timers: ReturnType<typeof setTimeout>[] = [];

  function check(name: Name): boolean {
    const key = options.checks[name]?.(values) ?? null;
    if (key === null) delete troubles[name];
    else troubles[name] = { key };
    return key === null;
  }

  /** The reader left the field: from now on it is checked at every change. */
  function leave(name: Name): void {
    if (values[name] === "" && !left.has(name)) return;
    left.add(name);
    if (!hasServerWords(name)) check(name);
  }

  /** The field changed. An error goes as soon as it is corrected; none appears before the field was left. */
  function change(name: Name): void {
    if (hasServerWords(name)) delete troubles[name];
    if (left.has(name)) check(name);
  }

  function hasServerWords(name: Name): boolean {
    const trouble = troubles[name];
    return trouble !== undefined && "words" in trouble;
  }

  async function submit(): Promise<void> {
    if (busy.value) return;
    failure.value = null;
    const names = Object.keys(options.checks) as Name[];
    let fine = true;
    for (const name of names) {
      left.add(name);
      fine = check(name) && fine;
    }
    if (!fine) return focusFirstTrouble();
    busy.value = true;
    timers = [
      setTimeout(() => {
        waiting.value = true;
      }, spinnerAfterMs),
      setTimeout(() => {
        slow.value = true;
      }, sayItIsSlowAfterMs),
    ];
    try {
      await options.submit(values);
    } catch (error) {
      await show(error);
    } finally {
      stopWaiting();
    }
  }

  /** Puts a failure where it belongs: at its fields, or above the form. */
  async function show(error: unknown): Promise<void> {
    const elsewhere: string[] = [];
    for (const problem of error instanceof ApiError ? error.fields : []) {
      const name = options.wireNames?.[problem.field] ?? problem.field;
      if (name in values) troubles[name] = { words: problem.message };
      else elsewhere.push(problem.message);
    }
    const placed = error instanceof ApiError && error.fields.length > 0;
    if (!placed) failure.value = describeFailure(error);
    else if (elsewhere.length > 0) failure.value = { message: elsewhere.join(" "), detail: null };
    if (placed) await focusFirstTrouble();
  }

  /** Sends a code to the address in one field, then moves on to the field for the code. */
  async function sendCode(
    sending: { send(): Promise<void> },
    addressName: Name,
    codeName: Name,
  ): Promise<void> {
    failure.value = null;
    left.add(addressName);
    if (!check(addressName)) return focusField(addressName);
    try {
      await sending.send();
      focusField(codeName);
    } catch (error) {
      await show(error);
    }
  }

  function focusField(name: string): void {
    element.value?.querySelector<HTMLElement>(`[name="${name}"]`)?.focus();
  }

  /** Empties the form as if it had just been opened. */
  function reset(): void {
    Object.assign(values, options.values);
    for (const name of Object.keys(troubles)) delete troubles[name];
    left.clear();
  }

  async function focusFirstTrouble(): Promise<void> {
    await nextTick();
    element.value?.querySelector<HTMLElement>("[aria-invalid='true']")?.focus();
  }

  function stopWaiting(): void {
    for (const timer of timers) clearTimeout(timer);
    busy.value = false;
    waiting.value = false;
    slow.value = false;
  }

  onScopeDispose(stopWaiting);
  return {
    values,
    troubles,
    failure,
    busy,
    waiting,
    slow,
    check,
    leave,
    change,
    submit,
    sendCode,
    reset,
    show,
  };
}
