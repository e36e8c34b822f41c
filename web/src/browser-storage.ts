/**
 * localStorage and sessionStorage that never throw. Browsers refuse them in some private modes and under policies;
 * then the session lives in memory, in this tab, until it is closed.
 */
const memory = new Map<string, string>();

export type StorageKind = "local" | "session";

function area(kind: StorageKind): Storage {
  return kind === "local" ? globalThis.localStorage : globalThis.sessionStorage;
}

export function readItem(kind: StorageKind, key: string): string | null {
  try {
    return area(kind).getItem(key) ?? memory.get(`${kind} ${key}`) ?? null;
  } catch {
    return memory.get(`${kind} ${key}`) ?? null;
  }
}

export function writeItem(kind: StorageKind, key: string, value: string): void {
  try {
    area(kind).setItem(key, value);
    memory.delete(`${kind} ${key}`);
  } catch {
    memory.set(`${kind} ${key}`, value);
  }
}

export function removeItem(kind: StorageKind, key: string): void {
  memory.delete(`${kind} ${key}`);
  try {
    area(kind).removeItem(key);
  } catch {
    // Refused storage holds nothing to remove.
  }
}

/** Every key there is, in no order. */
export function itemKeys(kind: StorageKind): string[] {
  const prefix = `${kind} `;
  const inMemory = [...memory.keys()].filter((key) => key.startsWith(prefix));
  const kept = inMemory.map((key) => key.slice(prefix.length));
  try {
    return [...kept, ...Object.keys(area(kind))];
  } catch {
    return kept;
  }
}

/** The JSON value under a key, or null where there is none or it is not JSON (an older version, another hand). */
export function readJson(kind: StorageKind, key: string): unknown {
  const text = readItem(kind, key);
  if (text === null) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
