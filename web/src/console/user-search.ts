/**
 * The list of users as the address says it. What is typed is tried as a whole first, which an index answers at once, then as a
 * beginning; "contains" walks through the accounts page by page, as long as the reader lets it.
 */
import type { Query } from "@meiduo/client";
import { computed, ref, watch } from "vue";
import { useRoute, useRouter } from "vue-router";
import { api } from "../api.ts";
import { describeFailure, type Failure } from "../ui/failure-text.ts";
import { beginOf } from "./days.ts";

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
  /** Shows what it has found until now. */
  let showSoFar = () => {};

  const filter = computed<UserQuery>(() => readQuery(route.query));
  /** What is shown, for what else is done with it. */
  const asked = computed<UserQuery>(() => ({
    ...askedOf(filter.value),
    ...(shownAs.value === null ? {} : { match: shownAs.value }),
  }));

  /** The first page of what the address says. */
  const load = () =>
    instead(async (isCurrent) => {
      const { search, match } = filter.value;
      const ways: (Match | null)[] = search === undefined ? [null] : match ? [match] : ["exact", "prefix"];
      for (const way of ways) {
        if ((await fetchPage(way, undefined, isCurrent)) > 0 || !isCurrent()) return;
      }
    });

  const more = () =>
    instead(async (isCurrent) => {
      await fetchPage(shownAs.value, next.value ?? undefined, isCurrent);
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

  /**
   * Fetches a page and shows it; returns how many are in it. One of the server's may be short, or empty, and still have a next one:
   * goes on until this one is full.
   */
  async function fetchPage(match: Match | null, from: number | undefined, isCurrent: () => boolean) {
    const before = from === undefined ? [] : (rows.value ?? []);
    const wanted = { ...askedOf(filter.value), ...(match === null ? {} : { match }) };
    const results: UserRow[] = [];
    let after = from;
    const show = () => {
      shownAs.value = match;
      rows.value = [...before, ...results];
      next.value = after ?? null;
    };
    do {
      const page = await api().admin.users({
        ...{ ...wanted, masked: true, limit: pageSize },
        ...(after === undefined ? {} : { after }),
      });
      if (!isCurrent()) return 0;
      results.push(...page.results);
      after = page.next ?? undefined;
      lookedTo.value = page.next;
      showSoFar = show;
    } while (after !== undefined && results.length < pageSize);
    lookedTo.value = null;
    show();
    return results.length;
  }

  watch(filter, load, { immediate: true });

  return {
    ...{ rows, next, shownAs, lookedTo, busy, failure, filter, asked, more, again: load },
    go: (change: UserQuery) => router.push({ path: "/users", query: writeQuery(change) }),
    /** Ends the search that is on its way. What it found is shown, and "more" goes on from there. */
    stop() {
      turn++;
      busy.value = false;
      lookedTo.value = null;
      showSoFar();
    },
  };
}

const days = ["joined_from", "joined_to", "seen_from", "seen_to"] as const;
const words = [...(["search", "match", "second_factor", "provider"] as const), ...days];

/** As the API is asked: days begin where the reader is. */
function askedOf(filter: UserQuery): UserQuery {
  const asked = { ...filter };
  for (const name of days) if (asked[name] !== undefined) asked[name] = beginOf(asked[name]);
  return asked;
}

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
