#!/usr/bin/env node
// `npx meiduo createsuperuser` is `npm run manage -- createsuperuser`.
process.argv.splice(2, 0, "manage");
await import("../../scripts/run.mjs");
