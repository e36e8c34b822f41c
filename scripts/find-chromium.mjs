// Where Chromium is: CHROMIUM_PATH, else where systems put it. The one list for npm test, the journeys and .ci/run,
// which asks before anything is installed: plain JavaScript for Node >= 20. Run by itself it prints the path, or
// fails.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

export function findChromium(environment = process.env) {
  return [environment.CHROMIUM_PATH, ...places].find((path) => path && existsSync(path)) ?? null;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const found = findChromium();
  if (found) process.stdout.write(`${found}\n`);
  else process.exitCode = 1;
}
