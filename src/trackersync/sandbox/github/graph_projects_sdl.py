"""The part of GitHub's GraphQL schema that ``graph_projects`` serves, as far as projects (v2) concern a stage."""

from __future__ import annotations

from typing import Final

SDL: Final = """
enum ProjectV2ItemType { DRAFT_ISSUE ISSUE PULL_REQUEST REDACTED }
enum ProjectV2FieldType { DATE NUMBER SINGLE_SELECT TEXT TITLE }

interface ProjectV2FieldCommon { id: ID! name: String! dataType: ProjectV2FieldType! }

type ProjectV2Field implements Node & ProjectV2FieldCommon { id: ID! name: String! dataType: ProjectV2FieldType! }

type ProjectV2SingleSelectField implements Node & ProjectV2FieldCommon {
  id: ID!
  name: String!
  dataType: ProjectV2FieldType!
  options(names: [String!]): [ProjectV2SingleSelectFieldOption!]!
}

type ProjectV2SingleSelectFieldOption { id: String! name: String! }

union ProjectV2FieldConfiguration = ProjectV2Field | ProjectV2SingleSelectField

type ProjectV2FieldConfigurationConnection {
  nodes: [ProjectV2FieldConfiguration]
  pageInfo: PageInfo!
  totalCount: Int!
}

type ProjectV2ItemFieldSingleSelectValue implements Node {
  id: ID!
  name: String
  optionId: String
  updatedAt: DateTime!
}

type ProjectV2ItemFieldTextValue implements Node { id: ID! text: String updatedAt: DateTime! }

union ProjectV2ItemFieldValue = ProjectV2ItemFieldSingleSelectValue | ProjectV2ItemFieldTextValue

type DraftIssue implements Node { id: ID! title: String! }

union ProjectV2ItemContent = DraftIssue | Issue | PullRequest

type ProjectV2Item implements Node {
  id: ID!
  fullDatabaseId: BigInt
  type: ProjectV2ItemType!
  isArchived: Boolean!
  updatedAt: DateTime!
  project: ProjectV2!
  content: ProjectV2ItemContent
  fieldValueByName(name: String!): ProjectV2ItemFieldValue
}

type ProjectV2ItemConnection { nodes: [ProjectV2Item] pageInfo: PageInfo! totalCount: Int! }

interface ProjectV2Owner { id: ID! }

type ProjectV2Connection { nodes: [ProjectV2] pageInfo: PageInfo! totalCount: Int! }

interface RepositoryOwner { id: ID! login: String! }

type ProjectV2 implements Node {
  id: ID!
  number: Int!
  owner: ProjectV2Owner!
  title: String!
  closed: Boolean!
  field(name: String!): ProjectV2FieldConfiguration
  fields(first: Int, after: String, last: Int): ProjectV2FieldConfigurationConnection!
  items(first: Int, after: String, last: Int, query: String = ""): ProjectV2ItemConnection!
}

type Organization implements Node & ProjectV2Owner & RepositoryOwner {
  id: ID!
  login: String!
  projectV2(number: Int!): ProjectV2
  projectsV2(first: Int, after: String, last: Int): ProjectV2Connection!
}

type User implements Actor & Node & ProjectV2Owner & RepositoryOwner {
  id: ID!
  login: String!
  projectV2(number: Int!): ProjectV2
  projectsV2(first: Int, after: String, last: Int): ProjectV2Connection!
}

extend type Repository { projectsV2(first: Int, after: String, last: Int): ProjectV2Connection! }

extend type Issue {
  projectItems(first: Int, after: String, last: Int, includeArchived: Boolean = true): ProjectV2ItemConnection!
}

extend type PullRequest {
  projectItems(first: Int, after: String, last: Int, includeArchived: Boolean = true): ProjectV2ItemConnection!
}

extend type Query {
  organization(login: String!): Organization
  user(login: String!): User
  repositoryOwner(login: String!): RepositoryOwner
}

input AddProjectV2ItemByIdInput { projectId: ID! contentId: ID! clientMutationId: String }
type AddProjectV2ItemByIdPayload { item: ProjectV2Item clientMutationId: String }

input ProjectV2FieldValue { singleSelectOptionId: String text: String number: Float }
input UpdateProjectV2ItemFieldValueInput {
  projectId: ID!
  itemId: ID!
  fieldId: ID!
  value: ProjectV2FieldValue!
  clientMutationId: String
}
type UpdateProjectV2ItemFieldValuePayload { projectV2Item: ProjectV2Item clientMutationId: String }

input ClearProjectV2ItemFieldValueInput { projectId: ID! itemId: ID! fieldId: ID! clientMutationId: String }
type ClearProjectV2ItemFieldValuePayload { projectV2Item: ProjectV2Item clientMutationId: String }

extend type Mutation {
  addProjectV2ItemById(input: AddProjectV2ItemByIdInput!): AddProjectV2ItemByIdPayload
  updateProjectV2ItemFieldValue(input: UpdateProjectV2ItemFieldValueInput!): UpdateProjectV2ItemFieldValuePayload
  clearProjectV2ItemFieldValue(input: ClearProjectV2ItemFieldValueInput!): ClearProjectV2ItemFieldValuePayload
}
"""
