import assert from 'node:assert/strict'
import { test } from 'node:test'
import { anchors, blocks, links } from './markdown.ts'

const PAGE = `# One page

See [there](other.md#part), not \`[this](code.md)\`.

## Is it well?

\`\`\`sh
# not a heading
[not](a-link.md)
\`\`\`

## Is it well?
`

test('anchors follow the headings, numbered where they repeat, and not comments in code', () => {
  assert.deepEqual([...anchors(PAGE)], ['one-page', 'is-it-well', 'is-it-well-1'])
})

test('links are those of the prose', () => {
  assert.deepEqual(links(PAGE), ['other.md#part'])
})

test('blocks carry their language, and what they are marked as', () => {
  assert.deepEqual(blocks(PAGE), [
    { language: 'sh', mark: '', text: '# not a heading\n[not](a-link.md)\n' },
  ])
  assert.deepEqual(blocks('```json config\n{}\n```\n'), [
    { language: 'json', mark: 'config', text: '{}\n' },
  ])
})
