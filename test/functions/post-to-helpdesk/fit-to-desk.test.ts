import { describe, expect, it } from "vitest";
import { fitToDesk, withLinks } from "../../../functions/post-to-helpdesk/fit-to-desk.ts";
import type { Saying, SayingFile } from "../../../shared/domain/telling.ts";

const room = { files: { most: 2, largestBytes: 1_000 }, longestText: 100 };
const linkOf = (id: string) => `https://recado.example/${id}`;

function file(id: string, size = 500): SayingFile {
  return { id, contentType: "image/jpeg", fileName: `${id}.jpg`, size };
}

function saying(text: string, files: SayingFile[] = []): Saying {
  return { id: "msg_1", from: "customer", isPrivate: false, text, files, at: 1 };
}

describe("a saying that a desk can take", () => {
  it("stays as it is", () => {
    const whole = saying("Olá", [file("a"), file("b", 1_000)]);
    expect(fitToDesk(whole, room, linkOf)).toEqual([whole]);
  });

  it("without a word stays without a word", () => {
    expect(fitToDesk(saying("", [file("a")]), room, linkOf)).toEqual([saying("", [file("a")])]);
    expect(fitToDesk(saying(""), room, linkOf)).toEqual([saying("")]);
  });

  it("may be exactly as long as it takes", () => {
    expect(fitToDesk(saying("x".repeat(100)), room, linkOf)).toHaveLength(1);
    expect(fitToDesk(saying("x".repeat(101)), room, linkOf)).toHaveLength(2);
  });
});

describe("a saying that is too much", () => {
  it("goes in several, in order, the files with the last of them, each under an id of its own", () => {
    const parts = fitToDesk(saying("palavra ".repeat(30).trim(), [file("a")]), room, linkOf);
    expect(parts.map(({ text }) => text).join(" ")).toBe("palavra ".repeat(30).trim());
    for (const { text } of parts) expect(text.length).toBeLessThanOrEqual(100);
    expect(parts.map(({ files }) => files.length)).toEqual([...parts.slice(1).map(() => 0), 1]);
    expect(parts.map(({ id }) => id)).toEqual(parts.map((_, index) => (index === 0 ? "msg_1" : `msg_1#${index}`)));
  });

  it("has the files that are too large or too many as links in its text", () => {
    const [only, ...more] = fitToDesk(
      saying("Veja", [file("large", 54_000_000), file("a"), file("b"), file("c")]),
      { ...room, longestText: 1_000 },
      linkOf,
    );
    expect(more).toEqual([]);
    expect(only?.files.map(({ id }) => id)).toEqual(["a", "b"]);
    expect(only?.text).toBe(
      "Veja\n📎 large.jpg (54.0 MB): https://recado.example/large\n📎 c.jpg (1 kB): https://recado.example/c",
    );
  });

  it("for a desk that takes no files at all has every file as a link", () => {
    const [only] = fitToDesk(
      saying("", [file("a", 999_999)]),
      { files: { most: 0, largestBytes: 0 }, longestText: 1_000 },
      linkOf,
    );
    expect(only).toMatchObject({ text: "📎 a.jpg (1000 kB): https://recado.example/a", files: [] });
  });
});

it("gives up its files for links where the desk refuses them", () => {
  expect(withLinks(saying("Veja", [file("a"), file("b")]), linkOf)).toEqual(
    saying("Veja\n📎 a.jpg (1 kB): https://recado.example/a\n📎 b.jpg (1 kB): https://recado.example/b"),
  );
});
