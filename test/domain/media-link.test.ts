import { expect, test } from "vitest";
import { dispositionOf, nameInMetadata } from "../../shared/domain/file-name.ts";
import { linkCode, placeholderOf } from "../../shared/domain/media-link.ts";

test("a placeholder is as long as the longest link that can take its place", () => {
  const id = "med_01m80v99chhrt829vc6dayx5sh";
  const api = "https://a1b2c3d4e5.execute-api.ap-southeast-1.amazonaws.com/v1/links";
  const link = `${api}/${linkCode("secret", id, Date.parse("2099-12-31T00:00:00Z"))}`;
  expect(placeholderOf(id).length - link.length).toBe(0);
});

test.each([
  ["image/jpeg", "inline"],
  ["audio/ogg; codecs=opus", "inline"],
  ["video/mp4", "inline"],
  ["application/pdf", "inline"],
  ["image/svg+xml", "attachment"],
  ["IMAGE/SVG+XML; charset=utf-8", "attachment"],
  ["text/html", "attachment"],
  ["application/xhtml+xml", "attachment"],
  ["application/pdf+html", "attachment"],
  ["", "attachment"],
])("a browser gets %s %s", (contentType, kind) => {
  expect(dispositionOf({ contentType })).toBe(kind);
});

test("a name is written for old browsers and for new ones, and cannot end its header", () => {
  expect(dispositionOf({ contentType: "application/zip", fileName: 'a"b\\c\r\nx: ü%/;.zip' })).toBe(
    "attachment; filename=\"a_b_c__x: ___;.zip\"; filename*=UTF-8''a%22b%5Cc%0D%0Ax%3A%20%C3%BC%25%2F%3B.zip",
  );
});

test("a name that was cut through the middle of a character is one all the same", () => {
  expect(dispositionOf({ contentType: "application/pdf", fileName: "conta \ud83d" })).toContain("conta%20%EF%BF%BD");
  expect(decodeURIComponent(nameInMetadata("conta \ud83d"))).toBe("conta \ufffd");
});

test("a name is kept beside the file as far as there is room for it", () => {
  expect(decodeURIComponent(nameInMetadata("conta de março.pdf"))).toBe("conta de março.pdf");
  const long = nameInMetadata("论".repeat(255));
  expect(long.length).toBeLessThanOrEqual(2_000);
  expect(decodeURIComponent(long)).toMatch(/^论{200,}$/);
});
