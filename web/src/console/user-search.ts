/**
 * The list of users as the address says it. What is typed is tried as a whole first, which an index answers at once, then as a
 * beginning; "contains" walks through the accounts page by page, as long as the reader lets it.
 */
import type { Query } from "@meiduo/client";
import { computed, ref, watch } from "vue";
import { useRoute, useRouter } from "vue-router";
import { api } from "../api.ts";
import { describeFailure, type Failure } from "../ui/failure-text.ts";

export type UserQuery = Omit<Query<"/admin/users/", "get">, "after" | "limit" | "masked">;
export type UserRow = Awaited<ReturnType<ReturnType<typeof api>["admin"]["users"]>>["results"][number];
type Match = NonNullable<UserQuery["match"]>;

const flagFilters = ["is_active", "is_staff", "is_superuser", "confirmed"] as const;
const pageSize = 50;

export function useUserSearch() {
  const route = useRoute();
  const router = useRouter();
  const rows = ref<UserRow[] | null>(null);
  const next = ref<number | null>(null);
  /** How what is shown fits. */
  const shownAs = ref<Match | null>(null);
  const lookedTo = ref<number | null>(null);
  const busy = ref(false);
  const failure = ref<Failure | null>(null);
  /** What is on its way; another search takes its place. */
  let turn = 0;

  const filter = computed<UserQuery>(() => readQuery(route.query));

  /** The first page of what the address says. */
  const load = () =>
    instead(async (isCurrent) => {
      const { search, match } = filter.value;
      const ways: (Match | null)[] = search === undefined ? [null] : match ? [match] : ["exact", "prefix"];
      for (const way of ways) {
        const found = await fetchPage(way, undefined, isCurrent);
        if (!isCurrent()) return;
        shownAs.value = way;
        rows.value = found.results;
        next.value = found.next;
        if (found.results.length > 0) return;
      }
    });

  const more = () =>
    instead(async (isCurrent) => {
      const found = await fetchPage(shownAs.value, next.value ?? undefined, isCurrent);
      if (!isCurrent()) return;
      rows.value = [...(rows.value ?? []), ...found.results];
      next.value = found.next;
    });

  /** Does it in place of what is on its way. */
  async function instead(act: (isCurrent: () => boolean) => Promise<void>): Promise<void> {
    const mine = ++turn;
    const isCurrent = () => mine === turn;
    busy.value = true;
    failure.value = null;
    try {
      await act(isCurrent);
    } catch (error) {
      if (isCurrent()) failure.value = describeFailure(error);
    } finally {
      if (isCurrent()) busy.value = false;
    }
  }

  /** A page of the server's may be short, or empty, and still have a next one: goes on until this one is full. */
  async function fetchPage(match: Match | null, from: number | undefined, isCurrent: () => boolean) {
    const results: UserRow[] = [];
    let after = from;
    for (;;) {
      const page = await api().admin.users({
        ...{ ...filter.value, ...(match === null ? {} : { match }), masked: true, limit: pageSize },
        ...(after === undefined ? {} : { after }),
      });
      results.push(...page.results);
      if (page.next === null || results.length >= pageSize || !isCurrent()) {
        lookedTo.value = null;
        return { results, next: page.next };
      }
      after = page.next;
      lookedTo.value = page.next;
    }
  }

  watch(filter, load, { immediate: true });

  return {
    ...{ rows, next, shownAs, lookedTo, busy, failure, filter, more, again: load },
    go: (change: UserQuery) => router.push({ path: "/users", query: writeQuery(change) }),
    stop() {
      turn++;
      busy.value = false;
      lookedTo.value = null;
      rows.value ??= [];
    },
  };
}

const words = [
  ...(["search", "match", "second_factor", "provider"] as const),
  ...(["joined_from", "joined_to", "seen_from", "seen_to"] as const),
];

function readQuery(query: Readonly<Record<string, unknown>>): UserQuery {
  const read: Record<string, unknown> = {};
  for (const name of words)
    if (typeof query[name] === "string" && query[name] !== "") read[name] = query[name];
  for (const name of flagFilters) if (query[name] !== undefined) read[name] = query[name] === "true";
  if (Number(query.group) > 0) read.group = Number(query.group);
  return read as UserQuery;
}

function writeQuery(filter: UserQuery): Record<string, string> {
  const written = Object.entries(filter).filter(([, value]) => value !== undefined && value !== "");
  return Object.fromEntries(written.map(([name, value]) => [name, String(value)]));
}
