import { createAccount } from "../accounts/account.ts";
import { accountRoutes } from "../accounts/account-routes.ts";
import { createAgeDeclarations } from "../accounts/age-declarations.ts";
import { createConsentChoices } from "../accounts/consent-choices.ts";
import { createConsents } from "../accounts/consents.ts";
import { email } from "../accounts/email.ts";
import { createErasedNames } from "../accounts/erased-names.ts";
import { createExtraFields } from "../accounts/extra-fields.ts";
import { mobile } from "../accounts/mobile.ts";
import { createProfiles } from "../accounts/profile.ts";
import { createReservedUsernames } from "../accounts/reserved-usernames.ts";
import { createStaleNumbers } from "../accounts/stale-numbers.ts";
import { createUsers } from "../accounts/users.ts";
import { addressRoutes } from "../addresses/address-routes.ts";
import { createAddresses } from "../addresses/addresses.ts";
import { bulkDefinition } from "../admin/bulk.ts";
import { lookAsRoutes } from "../admin/look-as-routes.ts";
import { createDenials } from "../admission/denials.ts";
import { createInvitationTokens } from "../admission/invitation-token.ts";
import { allNamesOf } from "../brand/brand.ts";
import { createCodeOf } from "../codes/code.ts";
import { smsCodeRoutes } from "../codes/sms-code-routes.ts";
import { openSmsNumbers } from "../codes/sms-countries.ts";
import { verificationRoutes } from "../codes/verification-routes.ts";
import { createDeviceNotices } from "../devices/device-notices.ts";
import { createKnownDevices } from "../devices/known-devices.ts";
import { rememberedDeviceRoutes } from "../devices/remembered-device-routes.ts";
import { createRememberedDevices } from "../devices/remembered-devices.ts";
import { probeDatabase } from "../engines/database/probe.ts";
import { migrationFiles, refuseNewerSchema } from "../engines/database/schema-level.ts";
import type { JobDefinition } from "../engines/jobs/jobs.ts";
import { createMaintenance } from "../engines/jobs/maintenance.ts";
import { recordQueued } from "../engines/mail/recorded-mailer.ts";
import { createLostFactorTokens } from "../factors/lost-factor-token.ts";
import { createLostFactors } from "../factors/lost-factors.ts";
import { createSecondFactorPolicy } from "../factors/second-factor-policy.ts";
import { createHttpHooks } from "../hooks/http-hooks.ts";
import { mailEventRoutes } from "../hooks/mail-event-routes.ts";
import { createRunHooks } from "../hooks/run-hooks.ts";
import { smsEventRoutes } from "../hooks/sms-event-routes.ts";
import { createSmsEvents } from "../hooks/sms-events.ts";
import { createIsListed } from "../http/cors.ts";
import { docsRoutes } from "../http/docs-page.ts";
import { type HealthCheck, healthRoutes } from "../http/health.ts";
import { createLoadMeter } from "../http/load-meter.ts";
import { createServer } from "../http/server.ts";
import { testRoutes } from "../http/test-routes.ts";
import { wellKnownRoutes } from "../http/well-known-routes.ts";
import { bindingRoutes } from "../identities/bindings/binding-routes.ts";
import { formCallbackRoutes } from "../identities/flow/form-callback-routes.ts";
import { guardRunner } from "../installation/guarded-runner.ts";
import { holdAtStart, holdInstallation, watchInstallation } from "../installation/installation.ts";
import { systemClock } from "../kernel/clock.ts";
import { secretKeysOf } from "../kernel/keys.ts";
import { createIsOwnHost } from "../kernel/own-addresses.ts";
import { createGroups } from "../permissions/groups.ts";
import { createPermissions } from "../permissions/permissions.ts";
import { createDisownTokens } from "../sessions/disown-token.ts";
import { introspectionRoutes } from "../sessions/introspection-routes.ts";
import { jwksRoutes } from "../sessions/jwks-routes.ts";
import { sessionRoutes } from "../sessions/session-routes.ts";
import { createBasicAuthenticator } from "../sign-in/basic-authenticator.ts";
import { codeLogInRoutes } from "../sign-in/code-log-in-routes.ts";
import { forcedEnrolmentRoutes } from "../sign-in/forced-enrolment-routes.ts";
import { keepAccountRoutes } from "../sign-in/keep-account-routes.ts";
import { logInHistoryRoutes } from "../sign-in/log-in-history-routes.ts";
import { lostFactorRoutes } from "../sign-in/lost-factor-routes.ts";
import { createNameChecks } from "../sign-in/name-checks.ts";
import { oauthRoutes } from "../sign-in/oauth-routes.ts";
import { passkeyLogInRoutes } from "../sign-in/passkey-log-in-routes.ts";
import { passkeyRoutes } from "../sign-in/passkey-routes.ts";
import { reauthenticationRoutes } from "../sign-in/reauthentication-routes.ts";
import { createRefusals } from "../sign-in/refusals.ts";
import { secondFactorRoutes } from "../sign-in/second-factor-routes.ts";
import { secondStepRoutes } from "../sign-in/second-step-routes.ts";
import { simplejwtRoutes } from "../sign-in/simplejwt-routes.ts";
import { tokenRoutes } from "../sign-in/token-routes.ts";
import { userRoutes } from "../sign-in/user-routes.ts";
import { createAdminParts } from "./admin.ts";
import {
  createAdmissionServices,
  mayAskBySmsOf,
  mayAskOf,
  openEmailDomains,
  signUpOf,
  withDenials,
} from "./admission.ts";
import type { App, AppContext, AppOverrides } from "./app-interface.ts";
import { avatarUrlOf, createAvatarParts } from "./avatars.ts";
import { openCaptchaGate } from "./captcha.ts";
import { createClassicParts } from "./classic.ts";
import { openDatabase, openJobs, openKv } from "./engines.ts";
import { createFactorParts } from "./factors.ts";
import { openHourlyCounts } from "./hourly-counts.ts";
import { createOauth, withOwnProviders } from "./identities.ts";
import { addJoining } from "./joining.ts";
import { mailJobs, openMail, openMailEvents, openRenderer } from "./mail.ts";
import { openMailCodes } from "./mail-codes.ts";
import { createNumberLeaveParts } from "./number-leaves.ts";
import { openPasswords } from "./passwords.ts";
import { purgesOf } from "./purges.ts";
import { returnOriginsOf } from "./return-origins.ts";
import { createRights } from "./rights.ts";
import { createServiceParts } from "./services.ts";
import { createSessionParts } from "./sessions.ts";
import { createSignIn } from "./sign-in.ts";
import { openSms, sendsSms, tellsNumbers } from "./sms.ts";
import { createStepUpParts } from "./step-up.ts";
import { auditLogBeside, createEventParts, createWebhookParts } from "./webhooks.ts";

/**
 * The composition root: every part, wired by hand, in the order of the layers. Also the way to embed the
 * server in another program; `overrides` replaces what that program brings itself.
 */
export async function createApp({ config, log }: AppContext, overrides: AppOverrides = {}): Promise<App> {
  const clock = overrides.clock ?? systemClock;
  const secretKeys = secretKeysOf(config);
  const siteUrl = config.publicSiteUrl;
  // What is wrong with them is found before anything is opened.
  const setups = withOwnProviders(config, overrides.providers ?? []);

  const db = openDatabase(config);
  const metrics =
    config.metricsPort > 0 ? (await import("../observability/metrics.ts")).createMetrics() : null;
  const { tracesUrl } = config;
  const tracing =
    tracesUrl === "" ? null : (await import("../observability/tracing.ts")).createTracing(tracesUrl);
  const observers = [metrics, tracing].filter((observer) => observer !== null);
  const opened = await openKv(config, db, clock, log);
  const kv = observers.reduce((inner, observer) => observer.kv(inner), opened.kv);
  const installation = { config, db, clock, log, claim: opened.claim };
  const isOurs = await holdAtStart(installation).catch(async (error: unknown) => {
    await opened.kv.close();
    await db.close();
    throw error;
  });
  const { mailer, mails } = await openMail(config, { db, clock, log, observers, own: overrides.mailer });

  const { passwords, newPasswords } = openPasswords(config, { clock, log });
  const isHttps = config.publicApiUrl.startsWith("https:");
  const devices = createKnownDevices({ db, clock, secretKeys, isHttps });
  const rememberedDevices = createRememberedDevices({ ...config, db, clock, isHttps });
  const reservedUsernames = createReservedUsernames(config.reservedUsernames, allNamesOf(config.brand));
  const erasedNames = createErasedNames(secretKeys);
  const { events, audit, watchNotices } = createEventParts({ db, clock, log });
  const users = createUsers({ db, clock, erasedNames, events, reserved: reservedUsernames });
  const smsNumbers = await openSmsNumbers(config);
  const denials = createDenials({ db, clock, audit, log, secretKeys });
  const domainProblem = withDenials(await openEmailDomains(config), denials);
  const invitationTokens = createInvitationTokens(secretKeys);
  const codeOf = createCodeOf(secretKeys);
  const disownTokens = createDisownTokens(secretKeys);
  const lostFactorTokens = createLostFactorTokens(secretKeys);
  const deviceNotices = createDeviceNotices({ db, clock });
  const renderMail = openRenderer(config, overrides.mails);
  const captcha = await openCaptchaGate(config, { kv, clock, log, secretKeys, metrics });
  const sms = await openSms(config, {
    ...{ db, clock, log, mails, secretKeys, kv, metrics, users, own: overrides.smsSender },
    numbers: smsNumbers,
  });
  const mailDefinitions = mailJobs(config, {
    ...{ db, clock, users, mailer, codeOf, tokens: invitationTokens, disownToken: disownTokens.issue },
    ...{ renderMail, domainProblem, secretKeys },
    lostFactorToken: lostFactorTokens.issue,
  });
  const webhookParts = createWebhookParts(config, { db, clock, log, audit, secretKeys });
  const { webhooks } = webhookParts;
  const avatarParts = createAvatarParts(config, { ...overrides, db, kv, clock, log, users, events });
  const { avatars } = avatarParts;
  const rights = createRights({
    avatars,
    ...{ config, db, clock, log, secretKeys, users, erasedNames, mailer, renderMail, audit, events },
    grants: () => oauth.grants,
    disownToken: disownTokens.issue,
    tellsNumbers: tellsNumbers(config, "deleteAccount", overrides.smsSender),
    tellErased: sms.tellErased,
  });
  const definitions: readonly JobDefinition[] = mailDefinitions.concat(sms.definitions, rights.definitions, [
    bulkDefinition(() => staff.bulk) as JobDefinition,
  ]);
  const {
    jobs: queue,
    admin,
    runner: openRunner,
    purges: queuePurges,
    close: closeJobs,
  } = await openJobs(config, {
    db,
    clock,
    log,
    definitions: observers.reduce((inner, observer) => observer.definitions(inner), definitions),
  });
  const jobs = watchNotices(recordQueued(queue, db, { record: mails, log }));
  const { deletions, undoRights } = rights.begin(jobs, admin);
  const runner = guardRunner(
    auditLogBeside(config, { db, clock, log, secretKeys }, webhookParts.beside(openRunner)),
    isOurs,
  );
  const watch = watchInstallation(installation, isOurs, runner.allow);
  const verifications = openMailCodes(config, {
    ...{ secretKeys, db, kv, clock, log, codeOf, jobs, users, devices },
    captchaGate: captcha.captchaGate,
  });
  const smsCodes = sms.codes({ jobs, devices, captchaGate: captcha.captchaGate });
  const extraFields = createExtraFields(db, config.extraFields);
  const consents = createConsents({ db, clock, audit, versions: config.termsVersions });
  const consentChoices = createConsentChoices({ db, clock, audit, versions: config.choiceVersions });
  const ageDeclarations = createAgeDeclarations({ db, clock, audit, gate: config.ageGate });
  const returnOrigins = await returnOriginsOf(config);
  const oauth = createOauth({
    ...config,
    returnOrigins,
    ...{ db, kv, clock, log, jobs, users, passwords, events },
    ...{ settings: config.oauth, setups, secretKeys },
    sandboxOrigin: overrides.sandboxOrigin ?? null,
  });
  const forgetUnproved = oauth.bindings.removeUnproved;
  const staleNumbers = createStaleNumbers({ ...config, users, devices, clock });
  const account = createAccount({
    ...config,
    ...{ db, kv, clock, jobs, users, passwords, newPasswords, verifications, devices, domainProblem },
    ...{ audit, events, extraFields, smsCodes, staleNumbers, forgetUnproved },
    expectNumber: smsNumbers.expect,
  });
  const permissions = createPermissions({ db, declarations: overrides.permissions ?? [] });
  const groups = createGroups({ db });
  const secondFactorPolicy = createSecondFactorPolicy({ ...config, db, clock, permissions, groups });
  const httpHooks = createHttpHooks(config, clock);
  const runHooks = createRunHooks({ ...config, log, hooks: { ...httpHooks.hooks, ...overrides.hooks } });
  const { admission, invitations } = createAdmissionServices({
    ...{ ...config, db, clock, jobs, audit, users, groups, permissions, domainProblem, runHooks },
    ...{ extraFields, ageDeclarations, consentChoices },
    tokens: invitationTokens,
  });
  const isOwnHost = createIsOwnHost();
  const isListed = createIsListed({
    ...{ origins: config.corsOrigins, isOwnHost },
    developmentSitePort: config.environment === "development" ? config.webPort : null,
  });
  const factors = createFactorParts({
    ...{ ...config, db, clock, kv, jobs, users, devices, secretKeys, audit, log },
    mustKeep: secondFactorPolicy.binds,
  });
  const { secondFactors, passkeys } = factors;
  const lostFactors = createLostFactors({
    ...{ ...config, db, clock, log, audit, jobs, users, secondFactors, lostFactorTokens },
  });
  const session = createSessionParts({
    ...{ ...config, db, clock, log, jobs, audit, users, verifications, disownTokens, devices },
    ...{ isHttps, isListed, secondFactors, secondFactorPolicy, forgetUnproved, undoRights, permissions },
  });
  const { sessions, sessionCookies, signingKeys, tokens, impersonations } = session;
  const refusals = createRefusals({ db, clock, log });
  const signIn = createSignIn({
    ...{ ...config, ...oauth },
    ...{ db, kv, clock, log, jobs, users, admission, passwords, newPasswords },
    ...{ verifications, smsCodes, devices },
    ...session,
    ...{ runHooks, deviceNotices, consents, refusals, secondFactors, passkeys, lostFactors },
    ...{ rememberedDevices, secondFactorPolicy, deletions, account, staleNumbers, events },
    tellsTakenNumbers: config.contract === "classic",
  });

  const stepUpParts = createStepUpParts({
    ...{ ...config, ...oauth, db, kv, clock, log, users, account, sessions, verifications },
    ...{ factors: secondFactors, passkeys, stateMode: config.oauth.stateMode },
  });
  const { stepUp } = stepUpParts;
  const { services, serviceAuthenticator } = createServiceParts({
    ...{ ...config, secretKeys, db, kv, clock, log, audit, permissions },
  });

  const addresses = createAddresses({ db, clock, users });
  const numberLeaves = createNumberLeaveParts({
    ...{ ...config, ...oauth, db, clock, log, audit, events, jobs, users, passwords, secondFactors },
    tellsNumbers: tellsNumbers(config, "leaveMobile", overrides.smsSender),
  });
  const hourlyCounts = openHourlyCounts({ db, clock, log, events, mails, refusals, logIns: signIn.stats });
  const staff = createAdminParts({
    ...{ mailer, renderMail, services, signingKeys, setups, smsTrial: sms.trial },
    setUp: overrides.setUp ?? null,
    ...{ impersonations, door: signIn.door },
    tellsNumbers: tellsNumbers(config, "impersonation", overrides.smsSender),
    hasSandbox: overrides.sandboxOrigin !== undefined,
    ...{ ...config, db, clock, log, kv, audit, jobs, users, passwords, permissions, groups, sessions, mails },
    ...{ verifications, extraFields, ageDeclarations, consentChoices, invitations, webhooks, devices },
    ...{
      siteUrl,
      refusals,
      secondFactors,
      bindings: oauth.bindings,
      checkProvider: oauth.checkProvider,
      queue: admin,
      hourlyCounts,
      newPasswords,
      denials,
    },
  });

  const maintenance = createMaintenance({
    log,
    purges: [
      ...purgesOf(config, {
        ...{ db, clock, devices, mails, invitations, sessions, signingKeys },
        ...{ deviceNotices, services, refusals, lostFactors, rememberedDevices, erasedNames, addresses },
        numberLeaves,
      }),
      { name: "webhook_deliveries", remove: webhooks.purge },
      { name: "hourly_counts", remove: hourlyCounts.tend },
      ...staff.purges,
      { name: "avatars", remove: avatars.sweep },
      ...rights.purges(),
      ...queuePurges,
    ],
  });

  const basic = createBasicAuthenticator({ ...signIn, devices });
  const authenticators = { jwt: tokens.authenticator, basic };
  const meter = createLoadMeter({ most: config.mostRequests, log, turnBegan: db.turnBegan });
  const api = await createServer({
    log,
    corsOrigins: config.corsOrigins,
    corsHeaders: config.corsHeaders,
    ...{ isListed, isOwnHost },
    allowedHosts: config.allowedHosts,
    trustProxy: config.trustProxy,
    isHttps,
    basePath: config.apiBasePath,
    meter,
    words: config.words,
    authenticators: [
      ...config.authenticators.map((name) => authenticators[name]),
      ...(overrides.authenticators ?? []),
    ],
    cookieAuthenticator: sessionCookies.authenticate,
    hasPermission: permissions.has,
    refusesNetwork: denials.refusesNetwork,
    services: serviceAuthenticator,
    expectRecent: stepUp.expectRecent,
  });
  let keysWatch: { stop(): void } | null = null;
  const { level } = migrationFiles();
  const checks: HealthCheck[] = [
    { name: "database", check: () => probeDatabase(db) },
    { name: "schema", check: () => refuseNewerSchema(db, level) },
    { name: "kv", check: () => kv.probe() },
    { name: "installation", check: () => holdInstallation(installation) },
  ];
  api.addHook("onReady", () => permissions.declare());
  api.addHook("onReady", denials.watch);
  api.addHook("onReady", async () => {
    await signingKeys.tend();
    keysWatch = signingKeys.watch();
  });
  if (overrides.describe) await overrides.describe(api, config.publicApiUrl);
  tracing?.addTo(api);
  metrics?.observe({
    api,
    db,
    jobs: admin,
    logIns: signIn.stats,
    hashing: passwords.stats,
    load: meter.stats,
    events: events.stats,
    ...{ webhooks: webhookParts.stats, webhookEndpoints: webhooks.states },
  });
  healthRoutes(api, checks, log);
  testRoutes(api);
  if (config.docsPage) {
    docsRoutes(api, { url: config.apiFollowsPage ? "/" : config.publicApiUrl, brand: config.brand });
  }
  wellKnownRoutes(api, siteUrl, config.webauthnRelatedOrigins);
  verificationRoutes(api, { verifications, devices, addresses: email, mayAsk: mayAskOf(config, admission) });
  const classic = createClassicParts(config, {
    ...{ ...captcha, db, kv, clock, jobs, secretKeys, users, smsCodes, domainProblem },
    ...{ passwordReset: signIn.passwordReset, staleNumbers, events },
  });
  const nameChecks = createNameChecks({
    ...{ clock, perMinute: config.nameCheckLimit, widerFactor: config.widerNetworkFactor },
  });
  smsCodeRoutes(api, {
    ...{ smsCodes, smsNumbers, devices, numbers: mobile, classic: classic?.smsCodes ?? null },
    mayAsk: mayAskBySmsOf(config, admission),
  });
  const { usernameOptional } = config;
  userRoutes(api, {
    ...{ ...signIn, users, devices, nameChecks, reservedUsernames },
    ...{ invitations, usernameOptional, sessionCookies },
  });
  const { renew: renewSession, renameIn: renameInSession } = signIn.door;
  const profiles = createProfiles({
    ...{ ...config, extraFields, consents, ageDeclarations },
    avatarUrl: avatarUrlOf(config, oauth.providers),
    blankForNone: classic !== null,
    secondFactorDue: {
      // Whoever gave one in this session, to a trusted third party perhaps, has what is demanded.
      isMet: (user) => user.session_factor == null && secondFactorPolicy.isMet(user),
      dueAt: secondFactorPolicy.dueAt,
    },
  });
  const own = { account, devices, profiles, consents, consentChoices, ageDeclarations, reservedUsernames };
  const { expectOtherChannel } = stepUp;
  accountRoutes(api, {
    ...{ ...own, renewSession, renameInSession, ownerOf: stepUpParts.ownerOf },
    ...{ numberLeaves, expectOtherChannel },
  });
  tokenRoutes(api, { ...signIn, devices, sessionCookies, answersId: classic !== null });
  codeLogInRoutes(api, { ...signIn, devices, sessionCookies, reservedUsernames });
  secondStepRoutes(api, { ...signIn, devices, sessionCookies });
  keepAccountRoutes(api, { ...signIn, devices, sessionCookies });
  rights.addRoutes(api, { users, account, devices, limits: staff.limits, ...stepUpParts });
  addJoining(api, {
    ...{ db, kv, clock, log, audit, events, jobs, users, groups, permissions, passwords },
    ...{ account, devices, stepUp, smsCodes, erasedNames, secretKeys },
    tellsNumbers: tellsNumbers(config, "joinAccount", overrides.smsSender),
  });
  lostFactorRoutes(api, { ...signIn, lostFactors, devices });
  forcedEnrolmentRoutes(api, { ...signIn, devices, sessionCookies });
  passkeyLogInRoutes(api, { ...signIn, devices, sessionCookies });
  const { proveFactor } = signIn;
  secondFactorRoutes(api, {
    ...{ factors: secondFactors, stepUp, sessions, proveFactor, devices, secondFactorPolicy },
  });
  passkeyRoutes(api, { passkeys, stepUp, sessions, proveFactor, devices, address: factors.passkeyAddress });
  reauthenticationRoutes(api, { ...stepUpParts, devices, cookie: oauth.cookie });
  simplejwtRoutes(api, { ...signIn, ...session, devices, rotates: config.simplejwtRotates });
  sessionRoutes(api, { ...session, devices, rememberedDevices, expectRecent: stepUp.expectRecent });
  logInHistoryRoutes(api, { db, refusals });
  rememberedDeviceRoutes(api, { rememberedDevices, devices });
  jwksRoutes(api, { signingKeys, clock });
  introspectionRoutes(api, session);
  staff.addRoutes(api);
  lookAsRoutes(api, {
    ...{ db, audit, users, profiles, sessions, refusals, consents, secondFactors, passkeys },
    ...{ limits: staff.limits, bindings: oauth.bindings },
  });
  const mailEvents = openMailEvents(config, { clock, log, mails });
  mailEventRoutes(api, mailEvents);
  smsEventRoutes(api, createSmsEvents({ ...config, clock, log, mails, undelivered: sms.undelivered }));
  formCallbackRoutes(api, { providers: oauth.providers, siteUrl: config.publicSiteUrl });
  oauthRoutes(api, { ...oauth, ...signIn, devices, sessionCookies, reservedUsernames });
  bindingRoutes(api, oauth);
  avatarParts.addRoutes(api, { ...oauth, profiles });
  if (config.servesAddresses) addressRoutes(api, { addresses });
  classic?.addRoutes(api, {
    ...{ users, nameChecks, renewSession, account, devices, staleNumbers },
    ownerOf: stepUpParts.ownerOf,
  });

  return {
    api,
    worker: runner,
    maintenance,
    jobs: admin,
    db,
    kv,
    mailer,
    renderMail,
    passwords,
    ...{ users, permissions, groups, invitations, services, webhooks, extraFields, secondFactors, passkeys },
    ...{ audit, metrics, firstSuperuser: staff.firstSuperuser },
    checkProvider: oauth.checkProvider,
    smsTrial: sms.trial,
    providers: oauth.providers.all.map(({ client, ...facts }) => ({ ...facts, isOffered: client !== null })),
    signUp: signUpOf(config, {
      sendsSms: sendsSms(config, overrides.smsSender),
      countries: smsNumbers.countries,
    }),
    sms: sendsSms(config, overrides.smsSender),
    passkeyDomain: factors.ofSite,
    returnOrigins,
    load: async () => void (await Promise.all([oauth.load(), passkeys.load()])),
    async close() {
      watch.stop();
      denials.stop();
      keysWatch?.stop();
      await api.close();
      await refusals.close();
      await hourlyCounts.close();
      await maintenance.stop();
      await runner.stop(5);
      await closeJobs();
      await oauth.close();
      await httpHooks.close();
      await webhookParts.close();
      await avatarParts.close();
      await newPasswords.close();
      await mailEvents.close();
      await mailer.close();
      await sms.close();
      await captcha.close();
      await tracing?.close();
      await kv.close();
      await db.close();
    },
  };
}
