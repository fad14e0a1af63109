"""What is asked of and told to a board over GraphQL: constants with variables, held against the schema by a test."""

from __future__ import annotations

from typing import Final

_FIELDS: Final = """
  projectV2(number: $number) {
    id
    fields(first: 100) {
      nodes {
        ... on ProjectV2FieldCommon { id name }
        ... on ProjectV2SingleSelectField { options { id name } }
      }
    }
  }
"""

ORGANIZATION: Final = (
    "query ProjectOfOrganization($owner: String!, $number: Int!) {"
    f"owner: organization(login: $owner) {{ {_FIELDS} }} }}"
)
USER: Final = f"query ProjectOfUser($owner: String!, $number: Int!) {{ owner: user(login: $owner) {{ {_FIELDS} }} }}"

_CARD: Final = """
fragment Card on ProjectV2Item {
  id
  isArchived
  updatedAt
  fieldValueByName(name: $field) { ... on ProjectV2ItemFieldSingleSelectValue { name updatedAt } }
  content {
    __typename
    ... on Issue { number repository { nameWithOwner } }
    ... on PullRequest { number repository { nameWithOwner } }
  }
}
"""

CARDS: Final = (
    """
query Cards($project: ID!, $field: String!, $after: String) {
  node(id: $project) {
    ... on ProjectV2 {
      items(first: 100, after: $after) { pageInfo { hasNextPage endCursor } nodes { ...Card } }
    }
  }
}
"""
    + _CARD
)

CARD: Final = "query OneCard($card: ID!, $field: String!) { node(id: $card) { ...Card } }" + _CARD

CARDS_OF_ISSUES: Final = (
    """
query CardsOfIssues($issues: [ID!]!, $field: String!) {
  nodes(ids: $issues) {
    id
    ... on Issue { projectItems(first: 50, includeArchived: true) { ...OnBoards } }
    ... on PullRequest { projectItems(first: 50, includeArchived: true) { ...OnBoards } }
  }
}
fragment OnBoards on ProjectV2ItemConnection {
  pageInfo { hasNextPage }
  nodes {
    ...Card
    project {
      number
      owner { ... on Organization { login } ... on User { login } }
      field(name: $field) { ... on ProjectV2SingleSelectField { id } }
    }
  }
}
"""
    + _CARD
)

CARDS_OF_ISSUES_BY_NUMBER: Final = CARDS_OF_ISSUES.replace("  isArchived\n", "  isArchived\n  fullDatabaseId\n")
"""The same where the cards are written over REST, which knows them by number."""

ADD: Final = (
    """
mutation AddCard($project: ID!, $issue: ID!, $field: String!) {
  addProjectV2ItemById(input: {projectId: $project, contentId: $issue}) { item { ...Card } }
}
"""
    + _CARD
)

CHOOSE: Final = (
    """
mutation ChooseOption($project: ID!, $card: ID!, $fieldId: ID!, $option: String!, $field: String!) {
  updateProjectV2ItemFieldValue(
    input: {projectId: $project, itemId: $card, fieldId: $fieldId, value: {singleSelectOptionId: $option}}
  ) { moved: projectV2Item { ...Card } }
}
"""
    + _CARD
)

CLEAR: Final = (
    """
mutation ClearField($project: ID!, $card: ID!, $fieldId: ID!, $field: String!) {
  clearProjectV2ItemFieldValue(input: {projectId: $project, itemId: $card, fieldId: $fieldId}) {
    moved: projectV2Item { ...Card }
  }
}
"""
    + _CARD
)

QUERIES: Final = (ORGANIZATION, USER, CARDS, CARD, CARDS_OF_ISSUES, CARDS_OF_ISSUES_BY_NUMBER, ADD, CHOOSE, CLEAR)
