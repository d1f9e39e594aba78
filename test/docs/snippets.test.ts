import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { VARIABLES } from '../../src/config/env.ts'
import { formatIssue, parseConfig } from '../../src/config/index.ts'
import { blocks, pages, prose, ROOT, read } from './markdown.ts'

test('configurations shown in the pages load without a warning', () => {
  let checked = 0
  for (const path of pages()) {
    for (const { mark, text } of blocks(read(path))) {
      if (mark !== 'config') continue
      // Parts of a configuration are shown without the masters that each must have.
      const whole = { masters: ['10.0.0.1:5050'], ...JSON.parse(text) }
      const { warnings } = parseConfig(JSON.stringify(whole), { file: path })
      assert.deepEqual(warnings.map(formatIssue), [])
      checked++
    }
  }
  assert.ok(checked > 0)
})

test('environment variables named in the pages exist', () => {
  // The command line's own, and the placeholder of the prose.
  const known = new Set(['CONFIG', 'LOG_LEVEL'].map((name) => `MESOS_NS_${name}`))
  for (const { name } of VARIABLES) known.add(name)
  const codes = /\bMESOS_NS_[A-Z_]*[A-Z]\b(?=[= ])/g
  const unknown = pages().flatMap((path) =>
    blocks(read(path)).flatMap(({ text }) =>
      [...text.matchAll(codes)].map(([name]) => name).filter((name) => !known.has(name)),
    ),
  )
  assert.deepEqual(unknown, [])
})

/** Every `mesos-ns …` of the pages, in blocks and in inline code. */
function commandLines(): string[] {
  return pages().flatMap((path) => {
    const page = read(path)
    const inline = [...prose(page).matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '')
    const shell = blocks(page)
      .filter(({ language }) => ['sh', 'console', ''].includes(language))
      .flatMap(({ text }) => text.replace(/\\\n/g, ' ').split('\n'))
    return [...inline, ...shell].flatMap((line) => {
      const [, found] =
        /(?:^|\s|\/|=)mesos-ns ((?!is |has )[^#|;&>]+)/.exec(line.replace(/(^|\s)# .*/, '')) ?? []
      return found === undefined ? [] : [found.trim()]
    })
  })
}

function help(...command: string[]): string {
  const main = join(ROOT, 'src', 'main.ts')
  const ran = spawnSync(process.execPath, ['--import', 'tsx', main, ...command, '--help'], {
    encoding: 'utf8',
    cwd: ROOT,
  })
  assert.equal(ran.status, 0, ran.stderr)
  return ran.stdout
}

test('commands and options used in the pages are those of the command line', () => {
  const commands = new Set(
    [...help().matchAll(/^\s+(?:\S+ )?mesos-ns ([a-z-]+)/gm)].map((match) => match[1] ?? ''),
  )
  const used = new Map<string, Set<string>>()
  for (const line of commandLines()) {
    const [first = '', ...rest] = line.split(/\s+/)
    // Options without a command are those of `serve`; Mesos-DNS's have one dash.
    const command = first.startsWith('-') ? 'serve' : first
    const options = used.get(command) ?? new Set()
    for (const word of [first, ...rest]) {
      if (word.startsWith('--')) options.add(word.replace(/[=,.].*$/, ''))
    }
    used.set(command, options)
  }
  assert.ok(used.size > 0)
  const wrong: string[] = []
  for (const [command, options] of used) {
    if (!commands.has(command)) {
      wrong.push(`mesos-ns ${command}`)
      continue
    }
    const text = help(command)
    for (const option of options) {
      if (!text.includes(option)) wrong.push(`mesos-ns ${command} ${option}`)
    }
  }
  assert.deepEqual(wrong, [])
})
