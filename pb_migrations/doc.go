// Package pb_migrations holds the collections, their indexes and their rules.
package pb_migrations
