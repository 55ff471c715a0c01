import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openArtifact } from '../../../../src/sources/artifacts/artifact.ts';
import { plainBytes } from '../../../../src/sources/artifacts/read.ts';
import type { ArtifactKind } from '../../../../src/sources/artifacts/versions.ts';

const metadata = (schema: string, more = {}) => ({
  dbt_schema_version: `https://schemas.getdbt.com/dbt/${schema}.json`,
  dbt_version: '1.9.0',
  generated_at: '2026-03-01T05:00:00.000000Z',
  invocation_id: 'i-1',
  env: {},
  ...more,
});

const open = (kind: ArtifactKind, content: unknown) =>
  openArtifact(
    kind,
    `target/${kind}.json`,
    Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)),
  );

const refusal = (kind: ArtifactKind, content: unknown): string => {
  try {
    open(kind, content);
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
  return 'was opened';
};

describe('opening an artifact', () => {
  it.each<[ArtifactKind, string, unknown, number]>([
    ['manifest', 'manifest/v12', { nodes: {} }, 12],
    ['manifest', 'manifest/v20', { nodes: {} }, 20],
    ['manifest', 'manifest/v11/manifest', { nodes: {} }, 11],
    ['run_results', 'run-results/v6', { results: [] }, 6],
    ['catalog', 'catalog/v1', { nodes: {} }, 1],
    ['sources', 'sources/v3', { results: [] }, 3],
  ])('of %s with the schema %s finds its version', (kind, schema, content, version) => {
    const artifact = open(kind, { metadata: metadata(schema), ...(content as object) });
    expect([artifact.version, artifact.warnings, artifact.invocation.invocationId]).toEqual([version, [], 'i-1']);
  });

  it('reads a version that is newer than this program, and warns', () => {
    const { version, warnings } = open('manifest', { metadata: metadata('manifest/v13'), nodes: {} });
    expect([version, warnings]).toEqual([
      13,
      [
        'target/manifest.json is version 13 of its schema and this program knows it up to 12: what it knows of it was read; a newer release may read more.',
      ],
    ]);
  });

  it('takes a file without a version for what its name says when it has what such a file has', () => {
    expect(open('manifest', { nodes: {} }).version).toBe(0);
    expect(open('run_results', { results: [], generated_at: '2021-06-06T17:03:00Z' }).invocation.generatedAt).toBe(
      '2021-06-06T17:03:00Z',
    );
  });

  it('finds the metadata wherever they stand, and parses elements one by one', () => {
    const artifact = open('manifest', { nodes: { a: { x: 1 }, b: [2] }, metadata: metadata('manifest/v20') });
    expect([...artifact.members('nodes')]).toEqual([
      { key: 'a', raw: { x: 1 }, depth: 1 },
      { key: 'b', raw: [2], depth: 1 },
    ]);
    expect([artifact.hasObject('groups'), artifact.keys('nodes'), [...artifact.members('groups')]]).toEqual([
      false,
      ['a', 'b'],
      [],
    ]);
  });

  it.each<[string, unknown, RegExp]>([
    ['nothing', '', /^SyncError: target\/manifest\.json is empty: .*write it again\.$/],
    ['blanks', ' \n', /is empty/],
    ['half of a manifest', '{"metadata": {"a": 1}, "nodes": {"a": {"b', /is not whole \(it ends in the middle\)/],
    ['a web page', '<!DOCTYPE html><html><body>Sign in</body></html>', /is a web page: .*get the artifact again/],
    ['conflict markers at the top', '<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> main', /conflict markers of git: resolve/],
    ['conflict markers inside', '{"nodes": {\n<<<<<<< HEAD\n"a": {}\n=======\n}}', /conflict markers of git/],
    ['a text', 'no such file', /is not JSON \("no such file" at byte 0 .*\)/],
    ['a list', [1], /holds no JSON object/],
    [
      'another artifact',
      { metadata: metadata('run-results/v6'), results: [] },
      /is a run_results\.json of dbt and not what its name says: put the manifest\.json there\.$/,
    ],
    [
      'an unknown artifact',
      { metadata: metadata('semantic-manifest/v1') },
      /is an artifact of dbt \(semantic-manifest\)/,
    ],
    ['other JSON', { name: 'package' }, /is JSON, but no manifest\.json of dbt: it has no nodes/],
    ['a collection that is a text', { nodes: 'none' }, /no manifest\.json of dbt/],
  ])('refuses %s with a sentence', (_, content, sentence) => {
    expect(refusal('manifest', content)).toMatch(sentence);
  });

  it('refuses an element that is no JSON when it comes to it, and names it', () => {
    const artifact = open('manifest', '{"nodes": {"a": {"x": 1}, "b": {"x": oops}}}');
    const members = artifact.members('nodes');
    expect(members.next().value).toMatchObject({ key: 'a' });
    expect(() => members.next()).toThrow(/^target\/manifest\.json is not JSON \(at b: /);
  });

  it('takes NaN in an element as null', () => {
    const artifact = open('run_results', '{"results": [{"adapter_response": {"rows": NaN}}]}');
    expect([...artifact.members('results')].map(({ raw }) => raw)).toEqual([{ adapter_response: { rows: null } }]);
  });
});

describe('the bytes of an artifact', () => {
  const text = '{"nodes": {"a": "ключ"}}';
  const MB = 1024 * 1024;

  it.each<[string, Buffer]>([
    ['plain', Buffer.from(text)],
    ['gzipped', gzipSync(text)],
    ['with a byte order mark', Buffer.from(`\uFEFF${text}`)],
    ['as UTF-16, as PowerShell writes it', Buffer.from(`\uFEFF${text}`, 'utf16le')],
  ])('are read when %s', async (_, bytes) => {
    expect((await plainBytes('m.json', bytes, 1)).toString()).toBe(text);
  });

  it('are refused above the limit, and the sentence says what to do', async () => {
    await expect(plainBytes('m.json', Buffer.alloc(MB + 1, 0x20), 1)).rejects.toThrow(
      'm.json has 2 MB, and artifacts above 1 MB are not read: raise max_artifact_mb if this machine has the memory for it, or split the dbt project.',
    );
    await expect(plainBytes('m.json', Buffer.alloc(MB, 0x20), 1)).resolves.toHaveLength(MB);
  });

  it('are refused when they are too large only after unpacking', async () => {
    await expect(plainBytes('m.json.gz', gzipSync(Buffer.alloc(2 * MB, 0x20)), 1)).rejects.toThrow(
      /^m\.json\.gz has more than 1 MB when unpacked, /,
    );
  });

  it.each([
    ['cut off', gzipSync(text).subarray(0, 20)],
    ['damaged', Buffer.concat([gzipSync(text).subarray(0, 12), Buffer.alloc(20, 0xff)])],
  ])('are refused when the gzip file was %s', async (_, bytes) => {
    await expect(plainBytes('m.json.gz', bytes, 1)).rejects.toThrow(/^m\.json\.gz is not a whole gzip file: /);
  });
});
