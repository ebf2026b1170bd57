/** Developers' endpoints: to make, show, change and remove them. What is delivered to them is deliver-webhook's. */
import { ListQuery, NoQuery, type Page } from "../../shared/domain/api-shapes.ts";
import { iso } from "../../shared/domain/envelope.ts";
import { newSubscriptionId } from "../../shared/domain/ids.ts";
import {
  type Filter,
  HOLDS_AFTER_MS,
  type Job,
  type KnownSubscription,
  MOST_SUBSCRIPTIONS,
  type SecretSeed,
  type Subscription,
  withFilter,
} from "../../shared/domain/subscription.ts";
import {
  type AddedSecret,
  type ApiSubscription,
  type CreatedSubscription,
  SecretToAdd,
  type ShownSubscription,
  SubscriptionChange,
  SubscriptionToCreate,
} from "../../shared/domain/subscription-shapes.ts";
import { liveSeeds, webhookSecret } from "../../shared/domain/webhook-secret.ts";
import { openCursor, sealCursor } from "./cursor.ts";
import { PublicError } from "./problem.ts";
import { readBody, readQuery } from "./request.ts";
import { type Answer, type Call, json, type Ports } from "./route.ts";

const LIST = "subscriptions";
const SALT_BYTES = 24;
/** More than anybody rotates in a day; a signature for each goes out with every request. */
const MOST_SECRETS = 5;
/** Until everybody knows that it is enabled, bells may be passed by: what they rang for is looked for after that. */
const RESUMES_AFTER_MS = 5_000;

/** 201; the secret stands in this answer and in no other. */
export async function createSubscription({ request, ports }: Call): Promise<Answer> {
  readQuery(request, NoQuery);
  const { url, filter, description } = readBody(request, SubscriptionToCreate);
  checkAccounts(filter, ports);
  await checkUrl(url, ports);
  if ((await ports.subscriptions.subscriptions()).length >= MOST_SUBSCRIPTIONS) {
    const detail = `There may be ${MOST_SUBSCRIPTIONS} subscriptions: remove one that nobody needs.`;
    throw new PublicError("too_many_subscriptions", detail);
  }
  const now = ports.clock.now();
  const subscription: Subscription = {
    id: newSubscriptionId(now, ports.random(10)),
    version: 1,
    url,
    ...(description !== undefined && { description }),
    filters: [{ from: now + HOLDS_AFTER_MS, filter }],
    secrets: [seed(now, ports)],
    createdAt: now,
    enabledAt: now,
  };
  await ports.subscriptions.putSubscription(subscription);
  const secret = await newestSecret(subscription, ports);
  const shown: CreatedSubscription = { subscription: { ...view({ subscription, health: {} }, now), secret } };
  return json(201, shown);
}

export async function listSubscriptions({ request, ports }: Call): Promise<Answer> {
  const { limit, cursor } = readQuery(request, ListQuery);
  const { idSecret } = await ports.deployment();
  const after = cursor === undefined ? "" : openCursor(idSecret, LIST, cursor);
  const rest = (await ports.subscriptions.subscriptions()).filter(({ subscription }) => subscription.id > after);
  const rows = rest.slice(0, limit);
  const last = rows.at(-1)?.subscription.id;
  const page: Page<ApiSubscription> = {
    data: rows.map((known) => view(known, ports.clock.now())),
    nextCursor: last !== undefined && rest.length > limit ? sealCursor(idSecret, LIST, last) : null,
  };
  return json(200, page);
}

export async function showSubscription({ request, name, ports }: Call): Promise<Answer> {
  readQuery(request, NoQuery);
  return shown(await locateSubscription(name, ports), ports);
}

export async function changeSubscription({ request, name, ports }: Call): Promise<Answer> {
  readQuery(request, NoQuery);
  const { url, filter, description, state } = readBody(request, SubscriptionChange);
  const known = await locateSubscription(name, ports);
  const before = known.subscription;
  if (filter) checkAccounts(filter, ports);
  if (url !== undefined) await checkUrl(url, ports);
  const now = ports.clock.now();
  const { disabled, ...rest } = before;
  const isResumed = disabled !== undefined && state === "enabled";
  const isStopped = disabled === undefined && state === "disabled";
  const subscription: Subscription = {
    ...rest,
    version: before.version + 1,
    ...(url !== undefined && { url }),
    ...(description !== undefined && { description }),
    ...(filter && { filters: withFilter(before.filters, filter, now + HOLDS_AFTER_MS) }),
    ...(isResumed ? { enabledAt: now } : disabled && { disabled }),
    ...(isStopped && { disabled: { at: now, reason: "asked" as const } }),
  };
  if (isResumed) await resume(before, disabled.at, ports);
  if (!(await ports.subscriptions.putSubscription(subscription))) throw changedMeanwhile();
  return shown({ ...known, subscription, ...(isResumed && { health: {} }) }, ports);
}

/** Looks for everything that happened since: written before the subscription is on, so that nobody can forget it. */
async function resume({ id }: Subscription, since: number, { subscriptions, clock }: Ports): Promise<void> {
  const now = clock.now();
  const job: Job = {
    id: `rpl_resumed_${now}`,
    kind: "resume",
    startedAt: now,
    notBefore: now + RESUMES_AFTER_MS,
    since,
    steps: ["waiting", "active", "again", "accounts"],
  };
  await subscriptions.putJob(id, job);
  await subscriptions.noteHealth(id, { failingSince: null, slowUntil: null, pausedUntil: null });
}

/** 204. What waits for it is not delivered any more; its attempts go with their time. */
export async function deleteSubscription({ request, name, ports }: Call): Promise<Answer> {
  readQuery(request, NoQuery);
  const { subscription } = await locateSubscription(name, ports);
  const isDeleted = await ports.subscriptions.deleteSubscription(subscription.id, subscription.version + 1);
  if (!isDeleted) throw changedMeanwhile();
  return { status: 204, headers: {}, body: "" };
}

/** 201 with another secret. Those before it go on signing beside it for a while, so that nothing is refused meanwhile. */
export async function addSecret({ request, name, ports }: Call): Promise<Answer> {
  readQuery(request, NoQuery);
  const { expireOldAfterSeconds } =
    request.body.byteLength > 0 ? readBody(request, SecretToAdd) : SecretToAdd.parse({});
  const { subscription: before } = await locateSubscription(name, ports);
  const now = ports.clock.now();
  const expiresAt = now + expireOldAfterSeconds * 1000;
  const old = liveSeeds(before.secrets, now).map((one) => ({
    ...one,
    expiresAt: Math.min(one.expiresAt ?? expiresAt, expiresAt),
  }));
  const secrets = [...old, seed(now, ports)].slice(-MOST_SECRETS);
  const subscription = { ...before, version: before.version + 1, secrets };
  if (!(await ports.subscriptions.putSubscription(subscription))) throw changedMeanwhile();
  const secret = await newestSecret(subscription, ports);
  const added: AddedSecret = { secret, secrets: view({ subscription, health: {} }, now).secrets };
  return json(201, added);
}

/** @throws PublicError `not_found` */
export async function locateSubscription(id: string, { subscriptions }: Ports): Promise<KnownSubscription> {
  const known = /^sub_[0-9a-z]{26}$/.test(id) ? await subscriptions.subscription(id) : undefined;
  if (known) return known;
  throw new PublicError("not_found", "There is no subscription with this id.");
}

/** @throws PublicError `url_forbidden`, `url_not_found` */
async function checkUrl(url: string, { judgeUrl }: Ports): Promise<void> {
  const judged = await judgeUrl(url);
  if (judged === "allowed") return;
  if (judged === "not_found")
    throw new PublicError("url_not_found", "The name in this URL leads nowhere.", { field: "url" });
  const why = {
    not_https: "A webhook goes to an address that begins with https://.",
    credentials: "The URL must not hold a user name or a password: webhooks are signed.",
    forbidden: "This URL does not lead to the public internet.",
  }[judged];
  throw new PublicError("url_forbidden", why, { field: "url" });
}

function checkAccounts(filter: Filter, { accounts }: Ports): void {
  if (filter.accounts?.every((name) => accounts.has(name)) ?? true) return;
  throw new PublicError("account_unknown", "There is no account with this name.", { field: "filter.accounts" });
}

function seed(now: number, { random }: Ports): SecretSeed {
  return { salt: Buffer.from(random(SALT_BYTES)).toString("base64url"), createdAt: now };
}

async function newestSecret({ id, secrets }: Subscription, { deployment }: Ports): Promise<string> {
  const { idSecret } = await deployment();
  return webhookSecret(idSecret, id, secrets.at(-1)?.salt ?? "");
}

function changedMeanwhile(): PublicError {
  return new PublicError("changed_meanwhile", "Somebody else has just changed this subscription: look and try again.");
}

function shown(known: KnownSubscription, { clock }: Ports): Answer {
  const answer: ShownSubscription = { subscription: view(known, clock.now()) };
  return json(200, answer);
}

function view(
  { subscription, health }: Pick<KnownSubscription, "subscription" | "health">,
  now: number,
): ApiSubscription {
  const { id, url, description, filters, disabled, createdAt, secrets } = subscription;
  const [first, newest] = [filters[0], filters.at(-1)];
  return {
    id,
    url,
    ...(description !== undefined && { description }),
    filter: newest?.filter ?? {},
    state: disabled ? "disabled" : "enabled",
    ...(disabled && { disabled: { at: iso(disabled.at), reason: disabled.reason } }),
    createdAt: iso(createdAt),
    since: iso(first?.from ?? createdAt),
    ...(health.failingSince !== undefined && { failingSince: iso(health.failingSince) }),
    secrets: liveSeeds(secrets, now).map((one) => ({
      createdAt: iso(one.createdAt),
      expiresAt: one.expiresAt === undefined ? null : iso(one.expiresAt),
    })),
  };
}
