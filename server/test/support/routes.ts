/** Fastify's routing tree as [method, path] pairs, paths without the slash at their end. */
export function routesOf(tree: string): [string, string][] {
  const found: [string, string][] = [];
  const parts: string[] = [];
  for (const line of tree.split("\n")) {
    const [, indent, part, methods] = /^([│├└─ ]*)(.*?)(?: \(([A-Z, ]+)\))?$/.exec(line)!;
    if (part === "") continue;
    parts.length = indent!.length / 4;
    parts.push(part!);
    const path = parts.join("").replace(/(.)\/$/, "$1");
    for (const method of methods?.split(", ") ?? []) found.push([method, path]);
  }
  return found;
}
