/** One object, as it is edited: saved against the revision that was read, so that nobody's change is undone unseen. */
import { Alert, Anchor, Breadcrumbs, Button, Group, Skeleton, Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useNavigate, useParams } from 'react-router'
import { api, call, get, sentenceOf } from '../../api.ts'
import { useEvents } from '../../live.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { PageFrame } from '../../parts/page-frame.tsx'
import { Problem } from '../../parts/problem.tsx'
import { useMay } from '../../session.tsx'
import type { Kind } from './fields.ts'
import { ItemForm } from './item-form.tsx'
import type { Answered } from './item-list.tsx'

export function ItemPage({ kind }: { kind: Kind }) {
  const { plural, title, one, type } = kind
  const { name = '' } = useParams()
  const isNew = name === '+new'
  const navigate = useNavigate()
  const queries = useQueryClient()
  const may = useMay('operator')
  const [isRemoving, setRemoving] = useState(false)
  const [isStale, setStale] = useState(false)
  const item = useQuery({
    queryKey: [plural, name],
    queryFn: ({ signal }) => get<Answered>(api`/api/${plural}/${name}`, signal),
    enabled: !isNew,
    refetchOnMount: 'always',
  })
  useEvents(['item.changed'], (payload) => {
    if (payload.type === type && payload.name === name && payload.revision !== item.data?.revision) setStale(true)
  })
  const read = () => {
    setStale(false)
    return queries.invalidateQueries({ queryKey: [plural, name] })
  }
  return (
    <PageFrame
      title={isNew ? `A new ${one}` : name}
      lead={
        <Breadcrumbs component="nav" aria-label="Where this is">
          <Anchor component={Link} to={`/${plural}`} size="sm">
            {title}
          </Anchor>
          <Text size="sm">{isNew ? 'new' : name}</Text>
        </Breadcrumbs>
      }
      actions={
        !isNew && (
          <Button color="red" variant="light" disabled={!may} onClick={() => setRemoving(true)}>
            Remove
          </Button>
        )
      }
    >
      {item.error && <Problem sentence={sentenceOf(item.error)} retry={() => void item.refetch()} />}
      {isStale && (
        <Alert color="yellow" variant="light" title="Somebody has changed this meanwhile">
          <Group justify="space-between">
            What you have not saved is lost when you read it again.
            <Button size="xs" variant="default" onClick={() => void read()}>
              Read again
            </Button>
          </Group>
        </Alert>
      )}
      {!isNew && item.isPending && <Skeleton height={300} />}
      {(isNew || item.data) && (
        <ItemForm
          key={item.data?.revision ?? 0}
          kind={kind}
          item={item.data}
          onSaved={async (saved) => {
            queries.setQueryData([plural, saved.name], saved)
            setStale(false)
            await queries.invalidateQueries({ queryKey: [plural], exact: true })
            if (isNew) await navigate(`/${plural}/${encodeURIComponent(saved.name)}`, { replace: true })
          }}
        />
      )}
      {isRemoving && item.data && (
        <Confirm
          title={`Remove ${name}?`}
          action={`Remove ${name}`}
          isDestructive
          typed={name}
          same={{ cli: `orchestra ${type} remove --name ${name}`, api: `DELETE /api/${plural}/${name}` }}
          run={async () => {
            await call('DELETE', api`/api/${plural}/${name}`, { ifMatch: `"${item.data.revision}"` })
            await queries.invalidateQueries({ queryKey: [plural], exact: true })
            await navigate(`/${plural}`)
          }}
          onClose={() => setRemoving(false)}
        >
          <Text>It is refused while something else still names it.</Text>
        </Confirm>
      )}
    </PageFrame>
  )
}
