import assert from 'node:assert/strict'
import { test } from 'node:test'
import { read } from './markdown.ts'

interface Locked {
  readonly version?: string
  readonly resolved?: string
  readonly hasInstallScript?: boolean
  readonly dev?: boolean
  readonly optional?: boolean
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const { packages }: { packages: Readonly<Record<string, Locked>> } = JSON.parse(
  read('package-lock.json'),
)

test('package-lock.json has the optional packages of every platform: npm ci refuses it otherwise', () => {
  // A lock written where the registry lacks some of them leaves those out without a word.
  const missing = Object.values(packages).flatMap(({ optionalDependencies = {} }) =>
    Object.keys(optionalDependencies).filter((name) => !(`node_modules/${name}` in packages)),
  )
  assert.deepEqual(missing, [])
})

test('package-lock.json says nothing of where packages were downloaded from', () => {
  const resolved = Object.entries(packages).filter(([, { resolved }]) => resolved !== undefined)
  assert.deepEqual(resolved, [])
})

test('nothing that mesos-ns cannot do without has an install script', () => {
  const scripts = Object.entries(packages).filter(
    ([, { dev, optional, hasInstallScript }]) =>
      dev !== true && optional !== true && hasInstallScript === true,
  )
  assert.deepEqual(scripts, [])
})
