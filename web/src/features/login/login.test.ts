import { expect, it } from 'vitest'
import { ApiError } from '@/lib/api'
import { destination, trouble } from './login'

it.each([
  [new ApiError(401, ''), 'login.wrong'], [new ApiError(400, ''), 'login.wrong'], [new ApiError(429, ''), 'login.slow'], [new ApiError(429, '', {}, 61), 'login.slowFor'],
  [new ApiError(0, ''), 'login.down'], [new ApiError(502, ''), 'login.down'], [new ApiError(403, ''), 'login.off'], [new ApiError(500, ''), 'login.other'], [new Error('x'), 'login.other'],
])('%o is said as %s', (error, want) => expect(trouble(error).key).toBe(want))

it('minutes to wait are rounded up', () => expect(trouble(new ApiError(429, '', {}, 61)).values).toEqual({ n: 2 }))

it.each([
  ['/chat/abc', '/chat/abc'], ['//evil.example', '/'], ['/\\evil.example', '/'], ['https://evil.example', '/'], ['/login', '/'], [undefined, '/'], [['/a'], '/'],
])('next=%s leads to %s', (next, want) => expect(destination(next)).toBe(want))
