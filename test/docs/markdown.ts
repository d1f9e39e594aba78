import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export const ROOT = join(import.meta.dirname, '..', '..')

export function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}

/** Paths, from the root, of the pages people read. */
export function pages(): string[] {
  const markdown = (folder: string) => readdirSync(join(ROOT, folder)).filter(isMarkdown)
  return [...markdown('.'), ...markdown('docs').map((name) => `docs/${name}`)].sort()
}

function isMarkdown(name: string): boolean {
  return name.endsWith('.md')
}

export interface Block {
  /** The first word after the opening fence: `sh`, `json`, … or nothing. */
  readonly language: string
  /** What follows it: `config` marks a configuration. */
  readonly mark: string
  readonly text: string
}

/** The fenced blocks of a page. */
export function blocks(page: string): Block[] {
  return [...page.matchAll(/^```(\w*) *([^\n]*)\n(.*?)^```$/gms)].map((match) => ({
    language: match[1] ?? '',
    mark: match[2] ?? '',
    text: match[3] ?? '',
  }))
}

/** A page without its fenced blocks. */
export function prose(page: string): string {
  return page.replace(/^```.*?^```$/gms, '')
}

/** Anchors of a page's headings, made as the usual renderers make them. */
export function anchors(page: string): Set<string> {
  const seen = new Map<string, number>()
  const result = new Set<string>()
  for (const [, heading = ''] of prose(page).matchAll(/^#{1,6} +(.+?) *#*$/gm)) {
    const slug = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-')
    const count = seen.get(slug) ?? 0
    seen.set(slug, count + 1)
    result.add(count === 0 ? slug : `${slug}-${count}`)
  }
  for (const [, id = ''] of page.matchAll(/<a (?:id|name)="([^"]+)"/g)) result.add(id)
  return result
}

/** Targets of a page's links, code and fenced blocks left out. */
export function links(page: string): string[] {
  const text = prose(page).replace(/`[^`\n]*`/g, '')
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? '')
}
