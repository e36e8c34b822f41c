import type { KeyValue } from "../engines/kv/kv.ts";
import { createCodeKeys } from "./code-keys.ts";
import type { CodesSettings } from "./settings.ts";

/** What an address has used of its budgets of codes, for an operator. Shows and changes nothing of a code. */
export interface CodeState {
  readonly withinHour: number;
  readonly withinDay: number;
  /** Whether the next request would be refused, even one of a device that logged in before. */
  readonly isFull: boolean;
}

export async function codeStateOf(
  {
    kv,
    secretKey,
    codesPerHour,
    codesPerDay,
  }: Pick<CodesSettings, "codesPerHour" | "codesPerDay"> & {
    readonly kv: KeyValue;
    readonly secretKey: string;
  },
  email: string,
): Promise<CodeState> {
  const { hour, day } = createCodeKeys(secretKey)(email, "resetpwd");
  const [withinHour, withinDay] = (await Promise.all([kv.get(hour), kv.get(day)])).map(Number);
  const isFull = withinHour! >= codesPerHour || withinDay! >= codesPerDay;
  return { withinHour: withinHour!, withinDay: withinDay!, isFull };
}
