/** Where a session is kept between visits, and how one tab learns what another did. */

export interface Kept {
  readonly token: string;
  readonly username: string;
  readonly userId: number;
  /** Renews the token; of a session that is remembered. */
  readonly refreshToken?: string | undefined;
}

/** Where a session is kept. Nothing of it throws: what can't be kept is there until the page is left. */
export interface SessionStore {
  read(): Kept | null;
  /** `remember` keeps it after the browser is closed, where that makes a difference. */
  write(kept: Kept, remember: boolean): void;
  /**
   * Puts another token of the same session in this one's place, wherever that is, with the refresh token that renews it
   * next; does nothing where it is gone.
   */
  replace(token: string, renewed: string, refreshToken?: string): void;
  /** Forgets this token, which the server refused; not a newer one that another tab has put in its place. */
  remove(token: string): void;
  /** Logs out: forgets what is kept, here and in every other tab. */
  clear(): void;
  /** Calls back when somebody else may have changed what is kept. Returns what stops it. */
  watch?(changed: () => void): () => void;
}

/** Texts by name, as every platform keeps them somewhere. */
export interface Area {
  get(name: string): string | null;
  set(name: string, value: string): void;
  remove(name: string): void;
}

const names = ["username", "user_id", "token"] as const;

/**
 * The refresh token with the token that it renews, as the site keeps it. Pages that know nothing of it may log somebody
 * else in: then the two don't belong together, and it renews nothing.
 */
const renewalName = "meiduo.renewal";

/** Reads a session from an area; null where it has no token. */
export function readKept(area: Area): Kept | null {
  const token = area.get("token");
  if (!token) return null;
  const refreshToken = readRenewal(area.get(renewalName), token);
  return {
    ...{ token, username: area.get("username") ?? "", userId: Number(area.get("user_id")) },
    ...(refreshToken === null ? {} : { refreshToken }),
  };
}

function readRenewal(text: string | null, token: string): string | null {
  try {
    const kept = JSON.parse(text ?? "null") as { token?: unknown; refreshToken?: unknown } | null;
    return kept?.token === token && typeof kept.refreshToken === "string" ? kept.refreshToken : null;
  } catch {
    // Another hand's, or an older version's.
    return null;
  }
}

function writeRenewal(area: Area, token: string, refreshToken: string | undefined): void {
  if (refreshToken !== undefined) area.set(renewalName, JSON.stringify({ token, refreshToken }));
  else if (area.get(renewalName) !== null) area.remove(renewalName);
}

/** The token last: see {@link writeKept}. */
export function replaceKept(area: Area, token: string, renewed: string, refreshToken?: string): void {
  if (area.get("token") !== token) return;
  writeRenewal(area, renewed, refreshToken);
  area.set("token", renewed);
}

/**
 * The token is written over and last: other tabs look when it changes. One that found it gone would log out, and one
 * that found no name beside it would greet nobody.
 */
export function writeKept(area: Area, kept: Kept): void {
  writeRenewal(area, kept.token, kept.refreshToken);
  area.set("username", kept.username);
  area.set("user_id", String(kept.userId));
  area.set("token", kept.token);
}

export function removeKept(area: Area): void {
  for (const name of [...names, renewalName]) area.remove(name);
}

/** Keeps a session in one area, for platforms without tabs. */
export function areaStore(area: Area): SessionStore {
  return {
    read: () => readKept(area),
    write: (kept) => writeKept(area, kept),
    replace: (token, renewed, refreshToken) => replaceKept(area, token, renewed, refreshToken),
    remove(token) {
      if (area.get("token") === token) removeKept(area);
    },
    clear: () => removeKept(area),
  };
}
