import {
  type Area,
  readKept,
  removeKept,
  replaceKept,
  type SessionStore,
  writeKept,
} from "./session-store.ts";

/** Of a page's globals, what is used here: a server that renders pages has less. */
interface Page {
  readonly localStorage: PageStorage;
  readonly sessionStorage: PageStorage;
  addEventListener?<Type extends keyof PageEvents>(
    type: Type,
    listener: (event: PageEvents[Type]) => void,
  ): void;
  removeEventListener?<Type extends keyof PageEvents>(
    type: Type,
    listener: (event: PageEvents[Type]) => void,
  ): void;
}

interface PageStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

interface PageEvents {
  readonly storage: { readonly key: string | null; readonly storageArea: unknown };
  readonly pageshow: { readonly persisted: boolean };
}

const page = globalThis as unknown as Page;

/**
 * Keeps a session where the site and the tutorial's pages keep theirs, under their names, so that pages of both kinds on
 * one origin share it: localStorage with `remember`, else sessionStorage, which ends with the tab. A log-out reaches
 * every tab. Without these storages (on a server, under a policy) the session lives in memory.
 */
export function browserStore(): SessionStore {
  const [tab, browser] = [browserArea("sessionStorage"), browserArea("localStorage")];
  const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("meiduo.session");
  // A channel that is open keeps a process of Node alive: a server that renders pages must be able to end.
  (channel as { unref?: () => void } | null)?.unref?.();

  return {
    read: () => readKept(tab) ?? readKept(browser),
    write(kept, remember) {
      removeKept(remember ? tab : browser);
      writeKept(remember ? browser : tab, kept);
    },
    replace(token, renewed, refreshToken) {
      for (const area of [tab, browser]) replaceKept(area, token, renewed, refreshToken);
    },
    remove(token) {
      for (const area of [tab, browser]) if (area.get("token") === token) removeKept(area);
    },
    clear() {
      removeKept(tab);
      removeKept(browser);
      channel?.postMessage("logged-out");
    },
    watch(changed) {
      const onMessage = ({ data }: { data: unknown }) => {
        if (data !== "logged-out") return;
        // Only this tab's own: by now somebody may have logged in again for all of them.
        removeKept(tab);
        changed();
      };
      const onStorage = (event: PageEvents["storage"]) => {
        // Pages of the tutorial's kind log out by clear() (key is null), others by removing the token.
        if (event.storageArea === page.localStorage && (event.key ?? "token") === "token") changed();
      };
      const onShown = (event: PageEvents["pageshow"]) => {
        // Shown again by Back as it was left: what happened meanwhile was told to the pages that were awake.
        if (event.persisted) changed();
      };
      channel?.addEventListener("message", onMessage);
      page.addEventListener?.("storage", onStorage);
      page.addEventListener?.("pageshow", onShown);
      return () => {
        channel?.removeEventListener("message", onMessage);
        page.removeEventListener?.("storage", onStorage);
        page.removeEventListener?.("pageshow", onShown);
      };
    },
  };
}

/** Browsers refuse their storage in some private modes and under policies: what they don't take is kept in memory. */
function browserArea(name: "localStorage" | "sessionStorage"): Area {
  const memory = new Map<string, string>();
  return {
    get(key) {
      try {
        return memory.get(key) ?? page[name].getItem(key);
      } catch {
        return memory.get(key) ?? null;
      }
    },
    set(key, value) {
      try {
        page[name].setItem(key, value);
        memory.delete(key);
      } catch {
        memory.set(key, value);
      }
    },
    remove(key) {
      memory.delete(key);
      try {
        page[name].removeItem(key);
      } catch {
        // What is refused holds nothing to remove.
      }
    },
  };
}
