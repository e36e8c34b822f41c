/** A list that is read page by page: what is asked for the next one is the `next` of the page before. */
import { type Ref, ref, type ShallowRef, shallowRef } from "vue";
import { useAttempt } from "../ui/attempt.ts";

interface Page<Row, Cursor> {
  readonly results: readonly Row[];
  readonly next: Cursor | null;
}

export function usePaged<Row, Cursor extends number | string = number>(
  fetchPage: (from: Cursor | undefined) => Promise<Page<Row, Cursor>>,
) {
  const rows: ShallowRef<readonly Row[] | null> = shallowRef(null);
  const next = ref<Cursor | null>(null) as Ref<Cursor | null>;
  const { busy, failure, attempt } = useAttempt();

  const load = (from?: Cursor) =>
    attempt(async () => {
      const page = await fetchPage(from);
      rows.value = from === undefined ? page.results : [...(rows.value ?? []), ...page.results];
      next.value = page.next;
    });

  /** Does it and reads the list anew; whether both went well. One thing at a time: the list is not read within the attempt. */
  async function act(what: () => Promise<unknown>): Promise<boolean> {
    await attempt(async () => {
      await what();
    });
    if (failure.value === null) await load();
    return failure.value === null;
  }

  return { rows, next, busy, failure, load, attempt, act, more: () => load(next.value ?? undefined) };
}
