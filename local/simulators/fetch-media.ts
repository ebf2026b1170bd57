/** Vendors fetch a file that they are told to send from where it lies, and what they find there decides. */

export interface WantedFile {
  url: string;
  /** Content types that are taken; the end of one may be left open. */
  types: RegExp;
  largestBytes: number;
}

export type MediaFault = "unreachable" | "wrong_type" | "too_large";

const TIMEOUT_MS = 5_000;
const LOOPBACK = /^(127(\.\d{1,3}){3}|localhost|\[::1\])$/;

/**
 * The first fault of any of the files; undefined when all were fetched. Nothing but this machine is asked: a file that
 * lies elsewhere counts as fetched.
 */
export async function mediaFault(files: readonly WantedFile[], closing: AbortSignal): Promise<MediaFault | undefined> {
  const faults = await Promise.all(files.map((file) => faultOf(file, closing)));
  return faults.find((fault) => fault !== undefined);
}

async function faultOf(
  { url, types, largestBytes }: WantedFile,
  closing: AbortSignal,
): Promise<MediaFault | undefined> {
  if (!LOOPBACK.test(new URL(url).hostname)) return undefined;
  const done = new AbortController();
  const signal = AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), closing, done.signal]);
  try {
    const response = await fetch(url, { redirect: "manual", signal });
    if (response.status !== 200 || !response.body) return "unreachable";
    if (!types.test(response.headers.get("content-type") ?? "")) return "wrong_type";
    let bytes = 0;
    for await (const chunk of response.body) {
      bytes += chunk.byteLength;
      if (bytes > largestBytes) return "too_large";
    }
    return undefined;
  } catch {
    return "unreachable";
  } finally {
    done.abort();
  }
}
