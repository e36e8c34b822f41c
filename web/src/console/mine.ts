/** What the reader may do here. It decides what is shown; the API decides again what is done. */
import { shallowRef } from "vue";
import { api } from "../api.ts";

interface Mine {
  readonly is_staff: boolean;
  readonly is_superuser: boolean;
  readonly permissions: ReadonlySet<string>;
}

/** Null until it is known. */
const state = shallowRef<Mine | null>(null);
let loaded: number | undefined;

/** Asks the API, once for each account. */
export async function loadMine(userId: number | undefined): Promise<void> {
  if (state.value !== null && Object.is(loaded, userId)) return;
  state.value = null;
  const { permissions, ...flags } = await api().ownPermissions();
  state.value = { ...flags, permissions: new Set(permissions) };
  loaded = userId;
}

export function isStaff(): boolean {
  return state.value !== null && (state.value.is_staff || state.value.is_superuser);
}

export function may(permission: string): boolean {
  return isStaff() && (state.value!.is_superuser || state.value!.permissions.has(permission));
}
