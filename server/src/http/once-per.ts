/**
 * True for each value's first time, for `limit` values: what strangers send is logged, and can't fill it.
 */
export function oncePer(limit = 20): (value: string) => boolean {
  const seen = new Set<string>();
  return (value) => {
    if (seen.has(value) || seen.size >= limit) return false;
    seen.add(value);
    return true;
  };
}
