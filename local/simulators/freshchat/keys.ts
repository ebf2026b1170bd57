/** Pairs of keys as Freshchat makes one for each account; only the public half is ever shown. */
import { generateKeyPairSync, type KeyObject } from "node:crypto";

/** By the words that they were made for, and by how the public half is shown. */
const shownFor = new Map<string, string>();
const privateHalves = new Map<string, KeyObject>();

/**
 * As the page of the webhooks shows it: in one line, between marks of PKCS #1, though it is an SPKI. The same words give
 * the same key as long as the process lives.
 */
export function publicKeyOf(words: string): string {
  const known = shownFor.get(words);
  if (known !== undefined) return known;
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const body = publicKey.export({ type: "spki", format: "der" }).toString("base64");
  const shown = `-----BEGIN RSA PUBLIC KEY----- ${body} -----END RSA PUBLIC KEY-----`;
  shownFor.set(words, shown);
  privateHalves.set(shown, privateKey);
  return shown;
}

/** What signs so that this public key proves it; a key of its own for one that was not made here. */
export function signingKeyOf(publicKey: string): KeyObject {
  return privateHalves.get(publicKey) ?? signingKeyOf(publicKeyOf(publicKey));
}
