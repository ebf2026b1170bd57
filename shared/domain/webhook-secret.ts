/**
 * The secrets that webhooks are signed with. None is kept: each follows from the deployment's secret, the subscription
 * and a salt, so that whoever reads the table, its backups included, cannot sign.
 */
import { hkdfSync } from "node:crypto";
import type { IdSecret } from "./ids.ts";
import type { SecretSeed } from "./subscription.ts";

const BYTES = 32;

/** As the subscriber gets it: `whsec_`, and 32 bytes in base64. @param salt of the seed, base64url */
export function webhookSecret(secret: IdSecret, subscription: string, salt: string): string {
  const key = hkdfSync("sha256", secret, Buffer.from(salt, "base64url"), `recado webhook ${subscription}`, BYTES);
  return `whsec_${Buffer.from(key).toString("base64")}`;
}

/** All that sign now, the newest first. */
export function signingKeys(
  secret: IdSecret,
  { id, secrets }: { id: string; secrets: readonly SecretSeed[] },
  now: number,
): string[] {
  return liveSeeds(secrets, now)
    .toReversed()
    .map(({ salt }) => webhookSecret(secret, id, salt));
}

export function liveSeeds(seeds: readonly SecretSeed[], now: number): SecretSeed[] {
  return seeds.filter(({ expiresAt }) => expiresAt === undefined || expiresAt > now);
}
