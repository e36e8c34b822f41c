/** A list that is read page by page, newest first: `before` is the `next` of the page before. */
import { ref, type ShallowRef, shallowRef } from "vue";
import { useAttempt } from "../ui/attempt.ts";

interface Page<Row> {
  readonly results: readonly Row[];
  readonly next: number | null;
}

export function usePaged<Row>(fetchPage: (before: number | undefined) => Promise<Page<Row>>) {
  const rows: ShallowRef<readonly Row[] | null> = shallowRef(null);
  const next = ref<number | null>(null);
  const { busy, failure, attempt } = useAttempt();

  const load = (before?: number) =>
    attempt(async () => {
      const page = await fetchPage(before);
      rows.value = before === undefined ? page.results : [...(rows.value ?? []), ...page.results];
      next.value = page.next;
    });

  return { rows, next, busy, failure, load, attempt, more: () => load(next.value ?? undefined) };
}
